// Makes one file of the portions that the server gives, and shows how far it is.

const place = document.getElementById("export");
const start = document.getElementById("export-start");
const progress = document.getElementById("export-progress");
const status = document.getElementById("export-status");

async function portion(after) {
  const url = new URL(place.dataset.portion, location.origin);
  url.search = place.dataset.query;
  if (after) url.searchParams.set("after", after);
  const response = await fetch(url);
  if (!response.ok || response.redirected) throw new Error(`the server answered ${response.status}`);
  return { text: await response.text(), rows: Number(response.headers.get("X-Rows")), next: response.headers.get(place.dataset.next) };
}

async function collect() {
  const parts = [];
  let rows = 0;
  for (let after = null, more = true; more; ) {
    const part = await portion(after);
    parts.push(part.text);
    rows += part.rows;
    after = part.next;
    more = after !== null;
    progress.max = Math.max(Number(place.dataset.counted), rows) || 1;
    progress.value = rows;
    status.textContent = `${rows.toLocaleString("en")} rows`;
  }
  return { parts, rows };
}

function offer(parts) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type: "text/csv" }));
  link.download = place.dataset.file;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function make() {
  start.disabled = true;
  progress.hidden = false;
  try {
    const { parts, rows } = await collect();
    offer(parts);
    status.textContent = `Done: ${rows.toLocaleString("en")} rows in ${place.dataset.file}.`;
  } catch (error) {
    status.textContent = `It could not be made: ${error.message}.`;
  }
  start.disabled = false;
}

start.hidden = false;
start.addEventListener("click", make);
