import { chromium } from "playwright-core";
const gpu=process.argv[2]==="gpu";
const b = await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox","--disable-background-networking",...(gpu?["--enable-unsafe-webgpu","--use-webgpu-adapter=swiftshader","--enable-features=Vulkan","--use-vulkan=swiftshader","--use-angle=swiftshader"]:[])]});
const c = await b.newContext({viewport:{width:1440,height:900}}); const p = await c.newPage();
p.on("pageerror",e=>console.log("pageerror",e.message)); p.on("console",m=>console.log("console",m.type(),m.text()));
const t=Date.now();
await p.goto("http://localhost:5192/"+(gpu?"?webgpu=1":""));
for(let i=0;i<40;i++){ await p.waitForTimeout(250); if((await p.evaluate(()=>window.quireTerminal?.text()??"")).endsWith("quire$")) break; }
console.log(Date.now()-t,"ms"); 
for (const l of process.argv.slice(3)) { await p.keyboard.type(l+"\n"); await p.waitForTimeout(1500); }
console.log(await p.evaluate(()=>window.quireTerminal?.text()??"")); console.log(await p.textContent("#status"));
await p.screenshot({path:"/tmp/real.png"}); await b.close();
