"use strict";
// The crosshair: one moment, read on all graphs. Without this script the page lacks only that.
// `#t=95` in the address shows the moment 95 seconds after the run began; a click writes it there.
(() => {
  const charts = document.getElementById("charts");
  if (!charts) return;
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const seconds = Number(charts.dataset.seconds);
  const hair = document.getElementById("hair");
  const now = document.getElementById("now");
  const plot = charts.querySelector(".plot");
  const entries = read("readings").map(([times, texts], at) => {
    const output = document.getElementById(`r${at}`);
    return { times, texts, output, summary: output.textContent };
  });
  let moment = null;

  // The last of the ascending times that is not after t, or -1.
  const indexAt = (times, t) => {
    let low = 0;
    let high = times.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (times[middle] <= t) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  };
  const clock = (t) => {
    const parts = [Math.floor(t / 3600), Math.floor(t / 60) % 60, Math.floor(t) % 60];
    const shown = parts[0] ? parts : parts.slice(1);
    return shown.map((part, at) => (at ? String(part).padStart(2, "0") : part)).join(":");
  };
  const show = (t) => {
    moment = t === null ? null : Math.min(Math.max(t, 0), seconds);
    hair.hidden = moment === null;
    charts.classList.toggle("reading", moment !== null);
    for (const { times, texts, output, summary } of entries) {
      output.textContent = moment === null ? summary : texts[indexAt(times, moment)] ?? "–";
    }
    if (moment === null) return;
    hair.style.left = `${(100 * moment) / seconds}%`;
    now.textContent = clock(moment);
  };
  const linked = () => {
    const found = /^#t=(\d+(?:\.\d+)?)$/.exec(location.hash);
    show(found ? Number(found[1]) : null);
  };

  const under = (event) => {
    const { left, width } = plot.getBoundingClientRect();
    const share = (event.clientX - left) / width;
    return share >= 0 && share <= 1 ? share * seconds : null;
  };
  const pin = (t) => {
    history.replaceState(null, "", t === null ? "#" : `#t=${t.toFixed(1)}`);
    linked();
  };

  charts.addEventListener("pointermove", (event) => {
    const t = under(event);
    if (t === null) linked();
    else show(t);
  });
  charts.addEventListener("click", (event) => {
    const t = under(event);
    if (t !== null) pin(t);
  });
  charts.addEventListener("pointerleave", linked);
  charts.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (!step && event.key !== "Escape") return;
    event.preventDefault();
    if (step) show((moment ?? 0) + (step * seconds) / (event.shiftKey ? 20 : 200));
    else pin(null);
  });
  addEventListener("hashchange", linked);
  linked();
})();
