/** The page's whole style. Blue and orange differ for every kind of colour vision; marks differ in shape besides. */
export const STYLE = `
:root{color-scheme:light dark;--ground:#f6f6f3;--surface:#fff;--sunken:#f1f2ef;--ink:#1d2125;--soft:#59616a;--line:#dfe1dc;--accent:#1f5f8b;
--one:#0067a5;--two:#c65100;--three:#5b6770;--good:#1d7446;--bad:#b0342b;--warn:#8a5600;--wash:#fbf1de;--one-wash:#e5eff6;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Helvetica Neue",Arial,sans-serif;
--mono:ui-monospace,"SF Mono","Cascadia Mono","Roboto Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
@media (prefers-color-scheme:dark){:root{--ground:#15181a;--surface:#1d2124;--sunken:#171a1d;--ink:#e6e8e6;--soft:#a0a8ae;--line:#31373b;--accent:#7fb8e0;
--one:#56b4e9;--two:#f0963c;--three:#97a3ab;--good:#74c795;--bad:#f0938a;--warn:#e5b25c;--wash:#302716;--one-wash:#1b2a36}}
*,*::before,*::after{box-sizing:border-box}
html{scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:1rem/1.5 var(--sans);overflow-wrap:anywhere}
main,header.top{max-width:72rem;margin:0 auto;padding:0 1rem}
header.top{padding-top:1.5rem}header.top p{max-width:none}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .3rem}
h2{font-size:1.2rem;margin:2.2rem 0 .6rem}
h3{font-size:1rem;margin:1.1rem 0 .35rem}
h4{font-size:.85rem;margin:.9rem 0 .25rem;color:var(--soft);font-weight:600}
p{margin:.4rem 0;max-width:46rem}
a{color:var(--accent);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:3px}
.soft,figcaption{color:var(--soft);font-size:.875rem}
nav{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:.8rem 0 0;font-size:.9rem}
.caution{background:var(--wash);border-left:4px solid var(--warn);padding:.5rem .8rem;margin:.5rem 0;border-radius:0 6px 6px 0;max-width:none}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.6rem,1fr));gap:.75rem;margin:1rem 0}
.tile,figure,.box{background:var(--surface);border:1px solid var(--line);border-radius:10px}
.tile{padding:.65rem .75rem}
.tile b{display:block;font-size:1.75rem;line-height:1.15;font-weight:650;font-variant-numeric:tabular-nums}
.tile span{display:block;font-size:.85rem}
.tile .soft{font-size:.8rem}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,27rem),1fr));gap:.75rem;align-items:start}
figure{margin:0;padding:.8rem .9rem}
figure h3{margin:0 0 .4rem}
svg{display:block;width:100%;height:auto;font-family:var(--sans);font-size:12px}
svg text{fill:var(--ink)}svg .small{font-size:.875em}svg .quiet{fill:var(--soft)}
svg .grid{stroke:var(--line);stroke-width:1}svg .axis{stroke:var(--soft);stroke-width:1}
.s1{--c:var(--one)}.s2{--c:var(--two)}.s3{--c:var(--three)}
svg .fill{fill:var(--c)}svg .open{fill:var(--surface);stroke:var(--c);stroke-width:2}
svg .stroke{stroke:var(--c);fill:none;stroke-width:2}svg .dash{stroke-dasharray:5 4}
.legend{display:flex;flex-wrap:wrap;gap:.2rem 1rem;font-size:.85rem;margin:.1rem 0 .3rem;padding:0;list-style:none}
.legend svg{width:14px;height:14px;display:inline-block;vertical-align:-2px;margin-right:.35rem}
.scroll{overflow-x:auto;max-width:100%}
table{border-collapse:collapse;background:var(--surface);font-size:.9rem;font-variant-numeric:tabular-nums;width:100%;overflow-wrap:normal}
th,td{padding:.35rem .6rem;text-align:left;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;background:var(--sunken);white-space:nowrap}
tbody th{background:none;font-weight:500}
td.num,th.num{text-align:right;white-space:nowrap}
td.nowrap{white-space:nowrap}
.lead th,.lead td{font-weight:650}
.yes{color:var(--good)}.no{color:var(--bad)}
.tag{display:inline-block;background:var(--sunken);border:1px solid var(--line);border-radius:99px;padding:0 .5rem;font-size:.78rem;margin:0 .2rem .2rem 0}
.filters{display:flex;flex-wrap:wrap;gap:.5rem;margin:.5rem 0;align-items:end}
.filters label{font-size:.8rem;color:var(--soft);display:flex;flex-direction:column;gap:.1rem}
select,input{font:inherit;font-size:.9rem;padding:.3rem .4rem;border:1px solid var(--line);border-radius:6px;background:var(--surface);color:var(--ink);max-width:100%}
details.run{background:var(--surface);border:1px solid var(--line);border-radius:8px;margin:.4rem 0}
details.run>summary{padding:.5rem .8rem;cursor:pointer}
details.run[open]>summary{border-bottom:1px solid var(--line)}
details.run .body{padding:.2rem .8rem .8rem}
details.call{border-left:3px solid var(--line);padding-left:.6rem;margin:.4rem 0}
details.call>summary{cursor:pointer}
summary code{font-size:.85rem;word-break:break-word}
code,pre{font-family:var(--mono)}
pre{white-space:pre-wrap;background:var(--sunken);border:1px solid var(--line);border-radius:6px;padding:.5rem .6rem;margin:.3rem 0;font-size:.8rem;line-height:1.4;max-height:24rem;overflow:auto}
blockquote{margin:.3rem 0;padding:.1rem .7rem;border-left:3px solid var(--accent);font-size:.9rem}
.sides{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,20rem),1fr));gap:.6rem}
.box{padding:.2rem .8rem .6rem;background:var(--sunken)}
ul,ol{padding-left:1.2rem;margin:.3rem 0}
[hidden]{display:none!important}
footer{max-width:72rem;margin:2rem auto;padding:0 1rem;color:var(--soft);font-size:.85rem}
@media (max-width:40rem){th,td.num,td.nowrap{white-space:normal}svg{font-size:14.5px}.tile b{font-size:1.45rem}th,td{padding:.3rem .45rem}table{font-size:.84rem}}
@media print{details.run,.filters,nav{display:none}}
.shortfalls { padding-left: 1.2em; }
.shortfalls li { overflow-wrap: anywhere; margin: 0.2em 0; }
`;
