// 发 Collect 凭据：机密只显示这一次，不进网址，不进存储。
"use strict";

const making = document.getElementById("make-key");
making?.addEventListener("submit", async (event) => {
  event.preventDefault();
  clearFaults(making);
  const body = { name: making.elements.name.value.trim() };
  if (making.elements.user?.value) body.user = making.elements.user.value;
  const { ok, answer } = await ask(making.getAttribute("action"), "POST", body);
  if (!ok) {
    showProblem(making, answer);
    return;
  }
  const bytes = new TextEncoder().encode(answer.qr_svg.replace("<svg", '<svg xmlns="http://www.w3.org/2000/svg"'));
  document.getElementById("made-qr").src = `data:image/svg+xml;base64,${btoa(String.fromCharCode(...bytes))}`;
  const shown = { person: answer.person, url: answer.server_url, plain: answer.plain_url, username: answer.username, password: answer.password };
  for (const [name, words] of Object.entries(shown)) document.getElementById(`made-${name}`).textContent = words;
  document.getElementById("made").hidden = false;
  making.hidden = true;
});
