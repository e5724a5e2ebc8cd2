// What an explorer consists of in its page: pictures above, controls below.

const RANGE = { near: 10, wide: 100 }; // per cent
const VIEWS = { image: "colours and contours", contours: "contours only" };
const SPEEDS = { 0.25: "× ¼", 0.5: "× ½", 1: "× 1", 2: "× 2", 4: "× 4" };

const LOWER = "₀₁₂₃₄₅₆";

function options(entries) {
  return entries.map(([value, text]) => `<option value="${value}">${text.replace(/[&<>]/g, (c) => `&#${c.charCodeAt()};`)}</option>`).join("");
}

function template({ modes, domain, frames, labels, parameters }, linked) {
  const plane = domain.length > 1;
  const [across, up] = domain.map(([low, high]) => high - low);
  const slider = (i) => `<label class="lrnr-mode"><span class="lrnr-name"><i style="background:${MODES[i]}"></i>mode ${i + 1}</span>
    <input type="range" data-trait="mode_${i + 1}" min="-10" max="10" step="any" value="0"><output aria-live="off"></output></label>`;
  const box = (name, text) => `<label><input type="checkbox" data-trait="${name}"> ${text}</label>`;
  const planes = Array.from({ length: modes - 1 }, (_, i) => [i + 1, `plane of c${LOWER[i + 1]} and c${LOWER[i + 2]}`]);
  return `<canvas class="lrnr-main" role="img"></canvas>
  <p class="lrnr-key" aria-hidden="true"><span data-of="base">network</span><span data-of="step">with the step</span><span data-of="data">data</span><span data-of="ghost">later</span></p>
  <p class="lrnr-values" aria-live="off"></p>
  <p class="lrnr-said" role="status"></p>
  <div class="lrnr-controls" role="group">
    <div class="lrnr-row"><button type="button" class="lrnr-play">play</button>
      <label class="lrnr-time"><span class="lrnr-name">time</span>
      <input type="range" data-trait="time" step="any"><output aria-live="off"></output></label>
      <label><span class="lrnr-unseen">speed of play</span><select data-trait="speed" class="lrnr-speed">${options(Object.entries(SPEEDS))}</select></label></div>
    ${parameters.map((_, i) => `<div class="lrnr-row"><label class="lrnr-time"><span class="lrnr-name"></span><input type="range" data-trait="mu_${i + 1}" step="any"><output aria-live="off"></output></label></div>`).join("")}
    ${domain.length > 2 ? '<div class="lrnr-row"><label class="lrnr-time"><span class="lrnr-name">plane x₃ =</span><input type="range" data-trait="third" step="any"><output aria-live="off"></output></label></div>' : ""}
    <div class="lrnr-columns"><div class="lrnr-modes"><p class="lrnr-note">Steps along hypermodes: 5 % changes the wave by about 5 %.</p>
      ${Array.from({ length: modes }, (_, i) => slider(i)).join("")}</div>
    <div><label class="lrnr-note">coordinates <select data-trait="plane">${options([[0, "over time"], ...planes])}</select> drag a dot</label>
      <canvas class="lrnr-path" role="application" tabindex="0"></canvas></div></div>
    <div class="lrnr-row"><button type="button" class="lrnr-reset">reset</button>
      ${linked ? '<button type="button" class="lrnr-link">copy link</button>' : ""}
      ${box("wide", `far steps (±${RANGE.wide} %)`)}${box("extended", `beyond the ${!plane ? "interval" : across === up ? "square" : "rectangle"}`)}
      ${frames ? box("data", "data") : ""}${box("ghost", "a little later")}
      ${plane ? `<label>show <select data-trait="view">${options(Object.entries(VIEWS))}</select></label>` : ""}
      ${plane && labels.length > 1 ? `<label>of <select data-trait="field">${options(Object.entries(labels))}</select></label>` : ""}</div>
    <details class="lrnr-fit"><summary>Fit the wave to readings</summary>
      <p class="lrnr-note">Press on the wave to drop a gauge, and drag its reading. The network then looks for the coordinates that fit all of them.</p>
      <div class="lrnr-row">${plane ? "" : `<label>with <select class="lrnr-tool">${options([["gauges", "gauges"], ["profile", "a drawn profile"]])}</select></label>`}
      <button type="button" class="lrnr-add">add a gauge</button><button type="button" class="lrnr-clear">remove all</button></div>
      <p class="lrnr-misfit" role="status"></p>
      <ol class="lrnr-gauges"></ol></details></div>`;
}
