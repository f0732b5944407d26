// Keeps an open timeline up to date: asks what has happened since the newest entry, as long as somebody can see it.

const PAUSE_MS = 2000;
const PATIENCE_MS = 15000; // after which a question that got no answer is asked anew

const live = document.getElementById("timeline-live");
const timeline = document.getElementById("timeline");
const facts = document.getElementById("facts");
let after = Number(live.dataset.after);

async function ask() {
  const url = new URL(live.dataset.entries, location.origin);
  url.searchParams.set("after", after);
  const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
  if (!response.ok || response.redirected) throw new Error(`${response.status}`);
  return response.json();
}

function show(news) {
  facts.innerHTML = news.facts; // both parts were rendered and escaped by the server
  timeline.insertAdjacentHTML("afterbegin", news.entries);
  for (const entry of [...timeline.children].slice(0, news.count)) entry.classList.add("timeline-new");
  after = news.last_seq;
  live.textContent = `Live. ${news.count} new since ${new Date().toLocaleTimeString()}.`;
}

async function look() {
  if (document.visibilityState !== "visible") return;
  try {
    const news = await ask();
    if (news.count) show(news);
    else if (!live.textContent.startsWith("Live")) live.textContent = "Live: newest first.";
  } catch (error) {
    live.textContent = `Not live at the moment (${error.message}). It tries again.`;
  }
}

async function watch() {
  for (;;) {
    await look();
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
  }
}

watch();
