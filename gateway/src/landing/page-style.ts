/** What all our own pages look like, by day and by night, on a wide screen and on a telephone. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#17202a;--soft:#5d6b7a;--line:#d9dfe6;--paper:#fff;--ground:#f4f6f8;--accent:#0b5cad;--good:#0a7a3d;--bad:#b3261e}
@media (prefers-color-scheme:dark){:root{--ink:#e8edf2;--soft:#9aa8b5;--line:#2c3742;--paper:#161d24;--ground:#0e1318;--accent:#6db3ff;--good:#5fd08c;--bad:#ff8a80}}
*{box-sizing:border-box}body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:56rem;margin:0 auto;padding:2rem 1rem}h1{margin:0;font-size:2rem}h2{font-size:1.15rem;margin:0 0 .75rem}header p{margin:.25rem 0 0;color:var(--soft)}
nav{display:flex;flex-wrap:wrap;gap:.5rem;margin:1.25rem 0}a{color:var(--accent)}nav a{padding:.5rem .9rem;border:1px solid var(--line);border-radius:.5rem;background:var(--paper);text-decoration:none}
section{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem;margin:1rem 0;overflow-x:auto}
table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}th{color:var(--soft);font-weight:600}
.up{color:var(--good)}.down{color:var(--bad);font-weight:600}small{color:var(--soft)}
button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
code{background:var(--ground);padding:.1rem .35rem;border-radius:.25rem}`;
