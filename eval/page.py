"""The look and the filters of report.html."""

STYLE = """
:root { color-scheme: light; --line: #d8dee4; --soft: #f6f8fa; --ink: #1f2328; --grey: #57606a;
  --good: #116329; --bad: #a40e26; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 24px 20px 80px; color: var(--ink);
  background: #fff; font: 15px/1.55 system-ui, "Noto Sans CJK SC", "PingFang SC",
  "Microsoft YaHei", sans-serif; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 18px; margin: 36px 0 10px; }
.about { color: var(--grey); } .about code { font-size: 13px; }
.verdict { padding: 10px 14px; border-radius: 6px; margin: 16px 0; border: 1px solid; }
.verdict.good { background: #dafbe1; border-color: #aceebb; color: var(--good); }
.verdict.bad { background: #ffebe9; border-color: #ffcecb; color: var(--bad); }
.verdict ul { margin: 6px 0 0; padding-left: 20px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 6px 8px; border-bottom: 1px solid var(--line);
  vertical-align: top; }
th { font-weight: 600; background: var(--soft); position: sticky; top: 0; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.spread { color: var(--grey); font-size: 12px; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(460px, 1fr)); gap: 18px; }
.charts svg { width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }
.filters { display: flex; flex-wrap: wrap; gap: 10px; margin: 12px 0; align-items: center; }
.filters select, .filters input { font: inherit; padding: 4px 8px; border: 1px solid var(--line);
  border-radius: 6px; background: #fff; color: inherit; }
.filters input { min-width: 220px; }
tr.wrong .mark { color: var(--bad); } tr.right .mark { color: var(--good); }
.mark { font-weight: 700; white-space: nowrap; }
summary { cursor: pointer; } details[open] > summary { margin-bottom: 8px; }
.why { color: var(--bad); }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 14px; }
.side { border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; min-width: 0; }
.side h4 { margin: 0 0 6px; font-size: 13px; color: var(--grey); }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.source { color: var(--grey); font-size: 13px; margin: 0 0 6px; overflow-wrap: anywhere; }
#questions td:nth-child(2) { width: 60%; } #questions td:nth-child(7) { white-space: nowrap; }
.gold { background: #dafbe1; border-radius: 3px; padding: 0 3px; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 14px; margin: 0 0 8px; }
dt { color: var(--grey); } dd { margin: 0; overflow-wrap: anywhere; }
.id { font-family: ui-monospace, monospace; font-size: 13px; }
[hidden] { display: none; }
@media (max-width: 720px) { .charts { grid-template-columns: 1fr; }
  .sides { grid-template-columns: 1fr; } .wide { display: none; } }
"""

SCRIPT = """
const rows = [...document.querySelectorAll('#questions tbody tr')];
const filters = [...document.querySelectorAll('.filters [name]')];
const shown = document.getElementById('shown');
function apply() {
  let count = 0;
  for (const row of rows) {
    const fits = filters.every(field => {
      if (!field.value) return true;
      if (field.name === 'words')
        return row.textContent.toLowerCase().includes(field.value.toLowerCase());
      return (' ' + row.dataset[field.name] + ' ').includes(' ' + field.value + ' ');
    });
    row.hidden = !fits;
    count += fits;
  }
  shown.textContent = count + ' of ' + rows.length;
}
for (const field of filters) field.addEventListener('input', apply);
apply();
"""
