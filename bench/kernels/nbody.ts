// nbody: five bodies as structs of f64: x y z vx vy vz mass.
const BODY: usize = 56;
function set(p: usize, x: f64, y: f64, z: f64, vx: f64, vy: f64, vz: f64, mass: f64): void {
  store<f64>(p, x, 0);
  store<f64>(p, y, 8);
  store<f64>(p, z, 16);
  store<f64>(p, vx, 24);
  store<f64>(p, vy, 32);
  store<f64>(p, vz, 40);
  store<f64>(p, mass, 48);
}
function advance(bodies: usize, dt: f64): void {
  for (let i: usize = 0; i < 5; i++) {
    const a = bodies + i * BODY;
    for (let j = i + 1; j < 5; j++) {
      const b = bodies + j * BODY;
      const dx = load<f64>(a, 0) - load<f64>(b, 0),
        dy = load<f64>(a, 8) - load<f64>(b, 8),
        dz = load<f64>(a, 16) - load<f64>(b, 16);
      const d2 = dx * dx + dy * dy + dz * dz;
      const mag = dt / (d2 * Math.sqrt(d2));
      const ma = load<f64>(a, 48) * mag,
        mb = load<f64>(b, 48) * mag;
      store<f64>(a, load<f64>(a, 24) - dx * mb, 24);
      store<f64>(a, load<f64>(a, 32) - dy * mb, 32);
      store<f64>(a, load<f64>(a, 40) - dz * mb, 40);
      store<f64>(b, load<f64>(b, 24) + dx * ma, 24);
      store<f64>(b, load<f64>(b, 32) + dy * ma, 32);
      store<f64>(b, load<f64>(b, 40) + dz * ma, 40);
    }
  }
  for (let i: usize = 0; i < 5; i++) {
    const p = bodies + i * BODY;
    store<f64>(p, load<f64>(p, 0) + dt * load<f64>(p, 24), 0);
    store<f64>(p, load<f64>(p, 8) + dt * load<f64>(p, 32), 8);
    store<f64>(p, load<f64>(p, 16) + dt * load<f64>(p, 40), 16);
  }
}
export function run(n: i32): i32 {
  const bodies = heap.alloc(BODY * 5);
  set(bodies, 0, 0, 0, 0, 0, 0, 39.47);
  set(bodies + BODY, 4.84, -1.16, -0.1, 0.6, 2.81, -0.02, 0.037);
  set(bodies + BODY * 2, 8.34, 4.12, -0.4, -1.01, 1.82, 0.008, 0.011);
  set(bodies + BODY * 3, 12.89, -15.11, -0.22, 1.08, 0.86, -0.01, 0.0017);
  set(bodies + BODY * 4, 15.37, -25.9, 0.17, 0.97, 0.59, -0.03, 0.002);
  for (let i = 0; i < n * 1000; i++) advance(bodies, 0.001);
  const sum = load<f64>(bodies, 0) * 1e6;
  heap.free(bodies);
  return <i32>sum;
}
