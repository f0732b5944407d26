"use strict";

// Sends what is written in a form by the form's method, and shows the answer below it.
for (const form of document.querySelectorAll("form[data-method]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = form.querySelector("[role=status]");
    answer.hidden = false;
    answer.textContent = await send(form).catch((error) => `No answer: ${error.message}`);
  });
}

async function send(form) {
  const response = await fetch(location.href, {
    method: form.dataset.method,
    headers: {
      Accept: "application/json",
      "Content-Type": "application/json",
      "X-CSRFToken": form.elements.csrfmiddlewaretoken.value,
    },
    body: form.elements._content?.value,
  });
  return `HTTP ${response.status} ${response.statusText}\n\n${laidOut(await response.text())}`;
}

function laidOut(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
