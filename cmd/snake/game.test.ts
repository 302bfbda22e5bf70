import { beforeAll, expect, it } from "vitest";
import { buildProgram } from "../../lib/testing/build.ts";
import { FakeSys } from "../../lib/testing/fakeSys.ts";

const sys = new FakeSys();

beforeAll(async () => {
  sys.programs.set("probe", await buildProgram("cmd/snake/testing/probe.ts"));
});

interface State {
  head: [number, number];
  food: [number, number];
  body: number;
  foods: number;
  score: number;
  end: number;
}

/** The states at the start and after each "." of `keys`. */
function play(seed: number, keys: string): State[] {
  const { out, status } = sys.run("probe", ["probe", String(seed), keys]);
  expect(status).toBe(0);
  return out
    .trim()
    .split("\n")
    .map((line) => {
      const [x = 0, y = 0, fx = 0, fy = 0, body = 0, foods = 0, score = 0, end = 0] = line
        .split(" ")
        .map(Number);
      return { head: [x, y], food: [fx, fy], body, foods, score, end };
    });
}

function last(seed: number, keys: string): State {
  const states = play(seed, keys);
  return states[states.length - 1] as State;
}

/** Keys that lead the head from where it starts, going right, to the food. */
function toFood({ head, food }: State): string {
  const down = food[1] - head[1];
  const right = food[0] - head[0];
  const rows = (down < 0 ? "w" : "s") + ".".repeat(Math.abs(down));
  if (right >= 0) return "d".concat(".".repeat(right), down === 0 ? "" : rows);
  // Not straight back: one row aside first.
  const aside = down === 0 ? "w." : rows;
  return aside.concat("a", ".".repeat(-right), down === 0 ? "s." : "");
}

it("goes right, a cell each step, with one piece of food", () => {
  const states = play(1, "...");
  expect(states.map(({ head }) => head)).toEqual([
    [20, 20],
    [21, 20],
    [22, 20],
    [23, 20],
  ]);
  for (const { body, foods, end } of states) expect([body, foods, end]).toEqual([5, 1, 0]);
});

it.each([
  ["w.", [20, 19]],
  ["s.", [20, 21]],
  ["a.", [21, 20]], // back into the neck is no turn
  ["d.", [21, 20]],
  ["wa..", [19, 19]], // both turns are kept, one for each step
  ["wdw...", [21, 18]],
  ["wdwd....", [21, 17]], // a fourth is not: three are kept
])("turns: %s", (keys, head) => expect(last(1, keys).head).toEqual(head));

it("dies at each wall and moves no more", () => {
  for (const [keys, edge] of [
    ["d", [63, 20]],
    ["w", [20, 0]],
    ["s", [20, 39]],
    ["wa", [0, 19]],
  ] as const) {
    const { head, end } = last(3, keys + ".".repeat(80));
    expect({ head, end }).toEqual({ head: edge, end: 1 });
  }
});

it("eats, grows by three and finds the next food in an empty cell, many times over", () => {
  let eaten = 0;
  for (let seed = 0; seed < 200; seed++) {
    const start = play(seed, "")[0] as State;
    const { score, body, end, food } = last(seed, `${toFood(start)}`);
    if (end !== 0) continue; // the way led through a wall or itself
    expect(score).toBe(1);
    expect(food).not.toEqual(start.food);
    eaten++;
    expect(body).toBe(5);
    const grown = last(seed, `${toFood(start)}...`);
    if (grown.end === 0 && grown.score === 1) expect(grown.body).toBe(8);
  }
  expect(eaten).toBeGreaterThan(150);
});

it("bites itself where it is, not where it has left", () => {
  expect(last(1, "was...")).toMatchObject({ head: [19, 19], end: 2 });
  expect(last(1, "w.a..s.")).toMatchObject({ head: [18, 20], end: 0 });
});

it("puts food in the same places for the same seed, and in others for another", () => {
  const foods = (seed: number): string => JSON.stringify(play(seed, "...").map((s) => s.food));
  expect(foods(5)).toBe(foods(5));
  expect(new Set(Array.from({ length: 20 }, (_, seed) => foods(seed))).size).toBeGreaterThan(15);
});
