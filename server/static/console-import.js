// 上传表格试读：带进度，传完去看报告。
"use strict";

const upload = document.getElementById("upload");
const bar = upload.querySelector("progress");

upload.addEventListener("submit", (event) => {
  event.preventDefault();
  clearFaults(upload);
  const file = upload.elements.file.files[0];
  const button = upload.querySelector("button");
  const sending = new XMLHttpRequest();
  const fail = (problem) => {
    button.disabled = false;
    bar.hidden = true;
    showProblem(upload, problem);
  };
  sending.open("POST", `${upload.dataset.api}${upload.elements.room.value}?name=${encodeURIComponent(file.name)}`);
  sending.setRequestHeader("X-CSRF-Token", csrf);
  sending.setRequestHeader("Content-Type", "application/octet-stream");
  sending.upload.addEventListener("progress", (sent) => (bar.value = (100 * sent.loaded) / sent.total));
  sending.addEventListener("error", () => fail({ detail: "网络中断，没有传完。恢复后再传一次。" }));
  sending.addEventListener("load", () => {
    let answer = {};
    try {
      answer = JSON.parse(sending.responseText);
    } catch {
      answer = { detail: "服务器的回答读不懂，请稍后重试。" };
    }
    if (sending.status === 201) location.assign(`/console/imports/${answer.uuid}`);
    else fail(answer);
  });
  button.disabled = true;
  bar.hidden = false;
  sending.send(file);
});
