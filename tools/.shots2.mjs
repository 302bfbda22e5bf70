import { chromium } from "playwright-core";
const b = await chromium.launch({executablePath:"/usr/bin/chromium",args:["--no-sandbox"]});
async function shot(name,w,h,scheme,url,act){
  const c = await b.newContext({viewport:{width:w,height:h},colorScheme:scheme});
  const p = await c.newPage(); p.on("pageerror",e=>console.log("pageerror",e.message));
  await p.goto("http://localhost:5191/"+url); await p.waitForTimeout(600); await act(p); await p.waitForTimeout(250);
  await p.screenshot({path:`/tmp/s-${name}.png`}); await c.close();
}
await shot("programs",1440,900,"light","",async p=>{await p.keyboard.press("F6");await p.keyboard.press("Enter");await p.keyboard.press("Tab");await p.keyboard.press("Enter");await p.waitForTimeout(800);});
await shot("machine",390,844,"dark","",async p=>{await p.click("text=Machine");await p.keyboard.press("Tab")});
await shot("programs390",390,844,"light","",async p=>{await p.click("text=Programs");});
await shot("kernel",1024,768,"light","?kernel",async p=>{});
await shot("kernel800",800,600,"dark","?kernel",async p=>{});
await shot("panic",1440,900,"dark","",async p=>{await p.keyboard.type("panic 0x12\r")});
await shot("fail",390,844,"light","?fail=quire/kernel.wasm+could+not+be+fetched+(status+404)",async p=>{});
await shot("released",800,600,"light","",async p=>{await p.keyboard.type("release\r")});
await b.close();
