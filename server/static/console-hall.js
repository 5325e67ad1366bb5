// 会场大屏：封存之后一个一个出；页面里什么都有了，断网照样演完。
"use strict";

const PACE_MS = matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 700;
const { api, state } = document.body.dataset;
const start = document.getElementById("start");
const link = document.getElementById("link");

function wait(ms) {
  return new Promise((done) => setTimeout(done, ms));
}

async function play() {
  document.body.classList.add("playing");
  start.hidden = true;
  const parts = [...document.querySelectorAll(".acts > li"), ...document.querySelectorAll(".one"), document.getElementById("sealing"), document.getElementById("end")];
  parts.forEach((part) => part.classList.remove("shown"));
  const pace = Math.min(PACE_MS, 40000 / parts.length);
  for (const part of parts) {
    part.classList.add("shown");
    part.scrollIntoView({ block: "nearest" });
    await wait(pace);
  }
  document.body.classList.replace("playing", "still");
}

start?.addEventListener("click", play);

if (!["sealed", "opened", "void"].includes(state)) {
  setInterval(async () => {
    try {
      const reply = await fetch(api, { headers: { Accept: "application/json" } });
      link.textContent = "";
      if (reply.ok && (await reply.json()).state !== state) location.reload();
    } catch {
      link.textContent = "离线，等网络恢复";
    }
  }, 2000);
}
