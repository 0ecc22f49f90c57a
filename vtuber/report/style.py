"""How the report looks: one style sheet, light and dark, no font or file from elsewhere."""

STYLE = """
:root{color-scheme:light dark;
--paper:#fbfaf6;--card:#fff;--ink:#22252b;--mute:#6d7078;--hair:#e2dfd6;--wash:#f2f0e9;
--fast:#2b7f78;--deep:#b5562b;--own:#7f86a0;--ponder:#e3b34c;--twitch:#7656c4;--youtube:#c8403d;--other:#6d7078;
--bad:#b3261e;
--serif:"Iowan Old Style","Palatino Linotype",Palatino,"Hiragino Mincho ProN","Yu Mincho","Noto Serif CJK JP",
Georgia,serif;
--sans:"Avenir Next","Segoe UI",Inter,"Hiragino Sans","Yu Gothic UI","Noto Sans CJK JP",system-ui,sans-serif}
@media(prefers-color-scheme:dark){:root{
--paper:#16181c;--card:#1d2025;--ink:#e6e4de;--mute:#989ba4;--hair:#31353c;--wash:#22262c;
--fast:#58b8ae;--deep:#e58a5b;--own:#9aa2bf;--ponder:#c9993a;--twitch:#a68cf0;--youtube:#f0716c;--other:#989ba4;
--bad:#f2857d}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.6 var(--sans);font-variant-numeric:tabular-nums;
overflow-wrap:anywhere}
main,header,footer{max-width:1080px;margin:0 auto;padding:0 28px}
header{padding-top:56px}
h1{font:500 42px/1.15 var(--serif);margin:0 0 6px;letter-spacing:-.01em}
h2{font:500 24px/1.3 var(--serif);margin:72px 0 4px}
h2+p{margin:0 0 18px;color:var(--mute);max-width:46em}
.ja{color:var(--mute);font-size:.8em;font-weight:400;white-space:normal}
.lead{font:400 19px/1.65 var(--serif);max-width:40em;margin:18px 0 0}
.quiet,.quiet a{color:var(--mute)}
a{color:inherit;text-decoration-color:var(--hair);text-underline-offset:3px}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font:11px var(--sans);fill:var(--mute)}
svg .num{font-size:10px}svg a{cursor:pointer}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:0;margin:36px 0 0;
border-top:1px solid var(--hair);border-bottom:1px solid var(--hair)}
.figures div{padding:14px 16px 12px 0}
.figures b{display:block;font:400 32px/1.1 var(--serif)}
.figures span{font-size:12.5px;color:var(--mute);line-height:1.35;display:block;margin-top:4px}
.key{display:flex;flex-wrap:wrap;gap:4px 20px;font-size:12.5px;color:var(--mute);margin:0 0 14px;padding:0;
list-style:none}
.key svg{display:inline-block;width:14px;height:12px;margin-right:6px;vertical-align:-1px}
.two{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,1fr);gap:40px;align-items:end}
table{border-collapse:collapse;width:100%;font-size:13px}
th,td{text-align:right;padding:6px 0 6px 12px;border-bottom:1px solid var(--hair);font-weight:400;vertical-align:top}
th{color:var(--mute)}th:first-child,td:first-child{text-align:left;padding-left:0}
td.words,th.words{text-align:left}td+td:not(.words),th+th:not(.words){white-space:nowrap}
.turn{display:grid;grid-template-columns:104px minmax(0,1fr);gap:0 24px;padding:26px 0 24px;
border-top:1px solid var(--hair)}
.turn:target{background:var(--wash);box-shadow:0 0 0 12px var(--wash)}
.when{font-size:13px;color:var(--mute);line-height:1.5}
.when b{display:block;font:400 22px/1.1 var(--serif);color:var(--ink);margin-bottom:4px}
.asked{margin:0 0 10px;font-size:14.5px}.asked p{margin:0 0 3px}
.asked b,.heard bdi:first-of-type{margin-right:.5em}.asked b{font-weight:600}
.asked .dot,.heard .dot{display:inline-block;width:8px;height:8px;border-radius:50%;margin-right:7px}
.twitch{background:var(--twitch)}.youtube{background:var(--youtube)}.other{background:var(--other)}
.badge{font-size:11px;color:var(--mute);border:1px solid var(--hair);border-radius:3px;padding:0 5px;margin-left:6px;
white-space:nowrap}
.said{font:400 19px/1.7 var(--serif);margin:0 0 6px;padding-left:16px;border-left:3px solid var(--own)}
.said.fast{border-color:var(--fast)}.said.deep{border-color:var(--deep)}
.said sup{font:10.5px/1 var(--sans);color:var(--mute);margin:0 .7em 0 .25em;vertical-align:.35em;white-space:nowrap}
.label{font-size:12px;color:var(--mute);margin:12px 0 3px}
.cut{text-decoration:underline wavy var(--bad) 1px}
.silent{color:var(--mute);font-style:italic;margin:0 0 6px}
.why{font-size:13px;color:var(--mute);margin:10px 0 0;display:grid;grid-template-columns:104px minmax(0,1fr);
gap:3px 12px}
.why dt{margin:0}.why dd{margin:0;color:var(--ink)}
.route{font-weight:600}.route.simple{color:var(--fast)}.route.hard{color:var(--deep)}.route.canned{color:var(--own)}
.route.tool{color:var(--twitch)}
.meter{display:inline-block;width:90px;height:6px;background:var(--wash);border-radius:3px;margin:0 8px;
vertical-align:2px;
overflow:hidden}.meter i{display:block;height:100%;background:var(--fast)}.meter.hard i{background:var(--deep)}
.parts span{margin-right:14px;white-space:nowrap}.parts .minus{color:var(--mute)}
.memories{list-style:none;margin:0;padding:0}.memories li{margin-bottom:2px}
details{border-top:1px solid var(--hair);padding:10px 0}details:last-of-type{border-bottom:1px solid var(--hair)}
summary{cursor:pointer}summary b{display:inline-block;min-width:2.2em;font:400 20px/1 var(--serif)}
.heard{list-style:none;margin:10px 0 6px;padding:0;font-size:13.5px}
.heard li{display:grid;grid-template-columns:64px minmax(0,1fr);padding:2px 0}.heard .t{color:var(--mute)}
.written{border:0!important;padding:2px 0 8px}.written summary{font-size:13px;color:var(--mute)}
.written pre{font:13px/1.55 ui-monospace,Menlo,Consolas,"Noto Sans Mono CJK JP",monospace;white-space:pre-wrap;
background:var(--wash);padding:12px 14px;margin:6px 0 0;border-radius:3px}
footer{margin:80px auto 60px;padding-top:18px;font-size:12.5px;color:var(--mute)}
footer div{border-top:1px solid var(--hair);padding-top:16px}
@media(max-width:720px){.turn{grid-template-columns:1fr}.two{grid-template-columns:1fr}h1{font-size:32px}
.when b{display:inline;margin-right:10px}}
@media print{details{break-inside:avoid}.turn{break-inside:avoid}}
"""
