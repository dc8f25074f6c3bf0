/** Four tiles. */
export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#a34a1f"/><path d="M8 8h7v7H8z" fill="#fff"/><path d="M17 8h7v7h-7zM8 17h7v7H8z" fill="#fff" opacity=".55"/><path d="M17 17h7v7h-7z" fill="#fff"/></svg>`;

const COLORS = `:root{color-scheme:light dark;--paper:#f6f3ec;--card:#fffdf9;--ink:#1f2430;--soft:#626774;--line:#e2dbcd;--accent:#a34a1f;--on-accent:#fff;
--good:#1b7a4b;--good-bg:#e2f3e8;--bad:#a8242c;--bad-bg:#fbe6e4;--wait:#8a5a00;--wait-bg:#fbeecb;--idle:#525866;--idle-bg:#ebe7dd;--shadow:0 1px 2px #1f24300f,0 8px 28px #1f243012}
@media (prefers-color-scheme:dark){:root{--paper:#15171c;--card:#1e2128;--ink:#eeebe4;--soft:#a2a7b3;--line:#343944;--accent:#e58e5f;--on-accent:#221107;
--good:#7fd6a6;--good-bg:#173626;--bad:#f4a09b;--bad-bg:#431d1e;--wait:#efc66b;--wait-bg:#3d3014;--idle:#b6bbc6;--idle-bg:#2b2f38;--shadow:0 1px 2px #0006,0 8px 28px #0004}}`;

const BASE = `*{box-sizing:border-box}
body{margin:0;min-height:100vh;font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif;color:var(--ink);background:var(--paper);-webkit-text-size-adjust:100%}
h1,h2,h3,p,ul,dl,dd,figure{margin:0;padding:0}ul{list-style:none}
h1{font-size:1.5rem;line-height:1.25;letter-spacing:-.01em}h2{font-size:1.125rem}h3{font-size:1rem}
a{color:var(--accent);text-underline-offset:.15em}
code,pre,.mono{font-family:ui-monospace,"SF Mono",Consolas,"DejaVu Sans Mono",monospace;font-size:.82em}
code{overflow-wrap:anywhere}
.soft{color:var(--soft)}.small{font-size:.875rem}.amount{font-variant-numeric:tabular-nums;font-weight:650;white-space:nowrap}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;box-shadow:var(--shadow);padding:1.5rem}
.note{color:var(--soft);font-size:.8125rem;text-align:center;padding:1.25rem 1rem}
.problem{border-radius:10px;padding:.75rem 1rem;background:var(--bad-bg);color:var(--bad);font-weight:550}
.hint{border-radius:10px;padding:.75rem 1rem;background:var(--wait-bg);color:var(--wait)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}`;

const FORMS = `label{display:block;font-size:.875rem;font-weight:550}
input,select{width:100%;margin-top:.3rem;padding:.65rem .75rem;font:inherit;font-weight:400;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:9px}
input:focus{border-color:var(--accent)}
button,.button{display:inline-block;padding:.6rem 1rem;font:inherit;font-weight:600;text-align:center;text-decoration:none;cursor:pointer;color:var(--ink);background:var(--card);border:1px solid var(--line);border-radius:9px}
button:hover,.button:hover{border-color:var(--accent)}
button.primary,.button.primary{color:var(--on-accent);background:var(--accent);border-color:var(--accent)}
button.primary:hover{filter:brightness(1.07)}
button.small{padding:.3rem .65rem;font-size:.8125rem;border-radius:7px}
button.danger{color:var(--bad)}
.fields{display:grid;gap:1rem}.pair{display:grid;grid-template-columns:1fr 1fr;gap:1rem}
.actions{display:flex;flex-wrap:wrap;gap:.5rem}`;

const BADGES = `.badge{display:inline-block;width:fit-content;align-self:center;justify-self:start;padding:.1rem .55rem;border-radius:99px;font-size:.75rem;font-weight:600;white-space:nowrap;color:var(--idle);background:var(--idle-bg)}
.badge.good{color:var(--good);background:var(--good-bg)}.badge.bad{color:var(--bad);background:var(--bad-bg)}.badge.wait{color:var(--wait);background:var(--wait-bg)}`;

const CHECKOUT = `.checkout main{max-width:60rem;margin:0 auto;padding:3.5rem 1.5rem 1rem;display:grid;grid-template-columns:1fr 1.1fr;gap:3rem;align-items:start}
.summary .shop{display:flex;align-items:center;gap:.6rem;font-weight:600}.summary .shop img{width:1.75rem;height:1.75rem}
.summary .total{font-size:2.4rem;line-height:1.15;font-weight:700;letter-spacing:-.02em;font-variant-numeric:tabular-nums;margin:.25rem 0 1.75rem}
.summary .shop+.soft{margin-top:2rem}
.lines li{display:flex;justify-content:space-between;gap:1rem;padding:.8rem 0;border-top:1px solid var(--line)}
.lines li:last-child{border-bottom:1px solid var(--line)}
.pay{display:grid;gap:1.25rem}.pay button.primary{width:100%;padding:.85rem;font-size:1.05rem}
.simulator{border:1.5px dashed var(--line);border-radius:14px;padding:1.25rem 1.5rem;display:grid;gap:.75rem}
.simulator h2{font-size:.95rem}.simulator .actions button{flex:1 1 auto;font-size:.875rem;padding:.5rem .75rem}
.right{display:grid;gap:1.25rem}
@media (max-width:760px){.checkout main{grid-template-columns:1fr;gap:1.75rem;padding:1.5rem 1rem .5rem}.summary .shop+.soft{margin-top:1.25rem}.summary .total{font-size:2rem;margin-bottom:1rem}.card{padding:1.15rem}}`;

const NOTICE = `body.notice{display:grid;align-content:center;justify-items:center;padding:1rem}
.notice main{width:100%;max-width:28rem;display:grid;gap:1rem;justify-items:center;text-align:center;padding:2.25rem 1.75rem}
.notice .actions{justify-content:center;width:100%}.notice .actions form{flex:1}.notice .actions button,.notice .actions .button{width:100%}
.mark{width:3.25rem;height:3.25rem;border-radius:50%;display:grid;place-items:center;font-size:1.6rem;font-weight:700;background:var(--idle-bg);color:var(--idle)}
.mark.good{background:var(--good-bg);color:var(--good)}.mark.bad{background:var(--bad-bg);color:var(--bad)}
.prose{display:grid;gap:.5rem;color:var(--soft);overflow-wrap:anywhere}
.facts{width:100%;text-align:left;display:grid;grid-template-columns:auto 1fr;gap:.35rem 1.25rem}.facts dt{color:var(--soft)}.facts dd{text-align:right;overflow-wrap:anywhere}
.progress{width:100%;height:.5rem;border-radius:99px;background:var(--idle-bg);overflow:hidden}
.progress span{display:block;height:100%;width:40%;border-radius:99px;background:var(--accent);animation:slide 1.2s ease-in-out infinite}
@keyframes slide{from{transform:translateX(0)}to{transform:translateX(260%)}}
@media (prefers-reduced-motion:reduce){.progress span{animation:none;width:100%}}`;

const DASHBOARD = `.dashboard>header{border-bottom:1px solid var(--line);background:var(--card)}
.bar{max-width:68rem;margin:0 auto;padding:.9rem 1.25rem;display:flex;flex-wrap:wrap;align-items:center;gap:.5rem 1.25rem}
.bar .name{display:flex;align-items:center;gap:.6rem;font-weight:700;color:inherit;text-decoration:none}.bar img{width:1.6rem;height:1.6rem}
.bar nav{display:flex;flex-wrap:wrap;gap:.25rem 1rem}.bar nav a{color:var(--soft);text-decoration:none}.bar nav a:hover{color:var(--accent)}
.bar .now{margin-left:auto;font-variant-numeric:tabular-nums}
.dashboard main{max-width:68rem;margin:0 auto;padding:1.5rem 1.25rem 3rem;display:grid;gap:2rem}.dashboard main>*{min-width:0}
section{display:grid;gap:.75rem}section>*{min-width:0}.head{display:flex;flex-wrap:wrap;justify-content:space-between;align-items:baseline;gap:.5rem 1rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr));gap:1rem}.tiles .card{padding:1.1rem 1.25rem}
.tiles .big{font-size:1.6rem;font-weight:700;letter-spacing:-.01em;font-variant-numeric:tabular-nums}
.sums{display:grid;grid-template-columns:1fr auto;gap:.1rem 1rem;font-size:.875rem;margin-top:.5rem}.sums dt{color:var(--soft)}.sums dd{text-align:right;font-variant-numeric:tabular-nums}
.rows{background:var(--card);border:1px solid var(--line);border-radius:14px;box-shadow:var(--shadow);overflow:hidden}
.rows>li{padding:.8rem 1.1rem;display:flex;flex-wrap:wrap;align-items:center;gap:.4rem 1rem}.rows>li+li{border-top:1px solid var(--line)}
.rows .amount{min-width:6.5rem}@media (min-width:761px){.rows .state{min-width:8.75rem}}.rows .tools{width:100%;display:flex;flex-wrap:wrap;gap:.75rem;align-items:end}.rows .grow{flex:1 1 14rem;min-width:0}.rows code{color:var(--soft)}
.rows details{width:100%}.rows summary{display:flex;flex-wrap:wrap;align-items:center;gap:.4rem 1rem;cursor:pointer;list-style:none}
.fold>summary{display:flex;flex-wrap:wrap;align-items:baseline;gap:.4rem 1rem;cursor:pointer;list-style:none}.fold>form{margin-top:.75rem}
summary::-webkit-details-marker{display:none}summary::before{content:"";border:.3rem solid transparent;border-left-color:var(--soft);border-right:0}details[open]>summary::before{transform:rotate(90deg)}
.rows .inside{padding:.9rem 0 .25rem;display:grid;gap:.75rem}.inside li{font-size:.875rem;display:flex;flex-wrap:wrap;gap:.2rem .8rem;align-items:center}
pre{margin:0;padding:1rem;max-height:24rem;overflow:auto;background:var(--paper);border:1px solid var(--line);border-radius:10px}
.empty{padding:2rem 1.5rem;text-align:center;color:var(--soft);border:1.5px dashed var(--line);border-radius:14px}
.grid{display:grid;grid-template-columns:repeat(auto-fill,minmax(13rem,1fr));gap:1rem}.grid small{display:block;font-weight:400;color:var(--soft);line-height:1.35;margin-top:.25rem}
main .facts{grid-template-columns:minmax(7rem,auto) 1fr}.dashboard .facts dd{text-align:left}.inline{display:flex;flex-wrap:wrap;gap:.5rem;align-items:end}.inline label{flex:1 1 9rem}.columns{display:grid;grid-template-columns:1fr 1fr;gap:1.25rem;align-items:start}.columns .card{display:grid;gap:1rem}
.danger-zone{display:flex;flex-wrap:wrap;gap:1rem;justify-content:space-between;align-items:center}
@media (max-width:760px){.columns{grid-template-columns:1fr}.bar .now{margin-left:0;width:100%}.grid{grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr))}.dashboard main{padding:1.25rem .9rem 2.5rem}}`;

export const STYLE = [COLORS, BASE, FORMS, BADGES, CHECKOUT, NOTICE, DASHBOARD].join('\n');
