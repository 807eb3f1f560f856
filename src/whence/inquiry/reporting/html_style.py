"""How the page looks: on screens light and dark, and on paper, where colour may be missing."""

STYLE = """
:root { color-scheme: light dark; --ink: #16202c; --soft: #465364; --line: #c3ccd7; --ground: #fff;
  --raised: #f4f7fb; --link: #0b57a4; --good: #0c6130; --bad: #9b1c1c; --doubt: #7a4b00; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e8edf3; --soft: #b3c0cf;
  --line: #43505f; --ground: #14181d; --raised: #1f2833; --link: #8cbcf0; --good: #7fd6a0;
  --bad: #ffa39e; --doubt: #f0c674; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem; max-width: 54rem; background: var(--ground);
  color: var(--ink); font: 15px/1.6 system-ui, "Liberation Sans", sans-serif; }
h1 { font-size: 1.35rem; line-height: 1.35; font-weight: 600; margin: .3rem 0 .8rem;
  overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 2rem 0 .6rem; border-bottom: 2px solid var(--line); }
h3 { font-size: 1rem; margin: 1.1rem 0 .2rem; }
p { margin: .4rem 0; overflow-wrap: anywhere; }
a { color: var(--link); }
a[href^="#E"] { display: inline-block; min-width: 1.5rem; }
a:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
table { border-collapse: collapse; width: 100%; margin: .4rem 0; table-layout: fixed; }
caption { text-align: left; color: var(--soft); padding: .2rem 0; overflow-wrap: anywhere; }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem;
  border: 1px solid var(--line); overflow-wrap: anywhere; }
th { background: var(--raised); font-weight: 600; }
code, .text { font: .86em/1.45 ui-monospace, "Liberation Mono", monospace; overflow-wrap: anywhere;
  white-space: pre-wrap; }
.kicker, .soft { color: var(--soft); }
.verdict { display: inline-block; font-weight: 700; border: 2px solid; border-radius: 4px;
  padding: .1rem .6rem; }
.explained, .benign { color: var(--good); } .suspicious { color: var(--bad); }
.insufficient { color: var(--doubt); }
.broken { border: 3px double var(--bad); padding: .4rem 1rem; margin: 1rem 0; }
.state { font-weight: 600; } .open { font-weight: 400; color: var(--soft); }
nav ol { columns: 14rem; } nav li { break-inside: avoid; }
.wide { overflow-x: auto; } .wide svg { min-width: 34rem; }
.wide:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.w1 { width: 6.5rem; } .w4 { width: 9rem; } .w2 { width: 10.5rem; } .w3 { width: 13rem; }
ul, ol { margin: .3rem 0; padding-left: 1.4rem; }
li { overflow-wrap: anywhere; margin: .15rem 0; }
dl { margin: .2rem 0; } dt { font-weight: 600; margin-top: .3rem; }
dd { margin: 0; padding: .1rem .6rem; background: var(--raised);
  border-left: 3px solid var(--line); }
dt:target, dt:target + dd { outline: 2px solid var(--link); }
.reading h3 { overflow-wrap: anywhere; }
@media screen and (max-width: 40rem) {
  body { padding: 1rem; }
  table, tbody, tr, th, td, caption { display: block; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tr { border: 1px solid var(--line); margin: .5rem 0; padding: .2rem .5rem; }
  th, td { border: 0; padding: .1rem 0; background: none; }
  .glance tr { border: 0; margin: 0; padding: 0; }
  .facts td { display: inline; margin-right: .3em; }
  .facts td:first-child { font-weight: 600; } .facts td:nth-child(4) { color: var(--soft); }
}
@page { margin: 16mm 14mm 18mm;
  @bottom-left { content: string(case); font: 8pt sans-serif; }
  @bottom-right { content: counter(page) " / " counter(pages); font: 8pt sans-serif; } }
.kicker { string-set: case content(); }
@media print {
  html { font-size: 12px; }
  body { max-width: none; padding: 0; font-size: 9.5pt; line-height: 1.4;
    background: #fff; color: #000; }
  a { color: inherit; text-decoration: none; }
  a[href^="http"]::after { content: " (" attr(href) ")"; }
  nav { display: none; }
  h2, h3, caption, dt, .state { break-after: avoid; }
  a[href^="#E"] { display: inline; }
  tr, li, .broken, svg, .verdict { break-inside: avoid; }
  thead { display: table-header-group; }
}
"""
