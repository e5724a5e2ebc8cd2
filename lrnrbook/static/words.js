// What happens in a picture, in words: for those who hear it.

const steepest = (u, x) => {
  let [best, place] = [-1, 0];
  for (let p = 2; p < u.length; p++) if (Math.abs(u[p] - u[p - 2]) > best) [best, place] = [Math.abs(u[p] - u[p - 2]), x[p - 1]];
  return place;
};

const extreme = (u, sign) => u.reduce((best, a, p) => (sign * a > sign * u[best] ? p : best), 0);

/** Sentences on fields and what a step does to them. */
export function happening({ x, base, perturbed, box }, { labels, limits }, change) {
  const d = box.length;
  const points = base[0].length;
  const place = (p) => (d > 1 ? `(${among(x[p], box[0])}, ${among(x[points + p], box[1])})` : among(x[p], box[0]));
  const said = base.map((u, k) => {
    const top = extreme(perturbed[k], 1);
    let text = `${labels[k]} from ${among(perturbed[k][extreme(perturbed[k], -1)], limits[k])} to ${among(perturbed[k][top], limits[k])}, highest at ${place(top)}`;
    if (d === 1) text += `, steepest at ${among(steepest(perturbed[k], x), box[0])}`;
    if (perturbed === base) return text;
    const delta = perturbed[k].map((v, p) => v - u[p]);
    const [up, down] = [extreme(delta, 1), extreme(delta, -1)];
    if (d === 1) {
      const [from, to] = [steepest(u, x), steepest(perturbed[k], x)];
      text += from === to ? ", where it was before the step" : ` instead of ${among(from, box[0])} before the step`;
    }
    if (delta[up] > 0) text += `, raised most at ${place(up)}, by ${format(delta[up], 2)}`;
    if (delta[down] < 0) text += `, lowered most at ${place(down)}, by ${format(-delta[down], 2)}`;
    return text;
  });
  const whole = perturbed === base ? "No step." : `The step changes the wave by ${format(100 * change, 2)} %.`;
  return `${whole} ${said.join("; ")}.`;
}
