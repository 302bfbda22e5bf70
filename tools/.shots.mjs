import { chromium } from "playwright-core";
const b = await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox"]});
const sizes=[[1440,900],[1024,768],[800,600],[390,844]];
for (const scheme of ["light","dark"]) for (const [w,h] of sizes) {
  const c = await b.newContext({viewport:{width:w,height:h},colorScheme:scheme,deviceScaleFactor:1});
  const p = await c.newPage();
  p.on("pageerror",e=>console.log("pageerror",e.message)); p.on("console",m=>m.type()==="error"&&console.log("console",m.text()));
  await p.goto("http://localhost:5191/"+(process.argv[2]??""));
  await p.waitForFunction(()=>window.quireTerminal?.text().includes("quire$"),null,{timeout:20000}).catch(e=>console.log("no prompt", e.message.slice(0,80)));
  await p.keyboard.type("hello\r");
  await p.waitForTimeout(200);
  await p.screenshot({path:`/tmp/shot-${scheme}-${w}.png`});
  console.log(scheme,w,await p.evaluate(()=>[document.documentElement.scrollWidth,innerWidth,document.querySelector("#status").textContent, document.activeElement?.className]));
  await c.close();
}
await b.close();
