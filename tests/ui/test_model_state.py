"""What the page says of the model."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from rag.app import App, build_app
from tests.fakes import FileServer, ScriptedEndpoint, refuses, says
from ui.web.model_state import ModelState

GDP = "瑞安2018年的生产总值是多少?"


def test_without_a_model(real_app: App) -> None:
    assert "quoted from the reports" in ModelState(real_app).line("en")


def test_an_endpoint_that_goes_down_and_comes_back(real_index: Path) -> None:
    good = says("2018年瑞安市实现生产总值910亿元[1]。")
    with ScriptedEndpoint(good) as endpoint:
        app = build_app(data_dir=real_index, openai_base_url=endpoint.base_url, model="m-1")
        state = ModelState(app)
        assert state.line("en") == "the endpoint's model (m-1) is ready."
        endpoint.scripts = [refuses(500)]
        state.saw(app.assistant.answer(GDP))
        assert state.line("en").startswith("The endpoint of m-1 is down")
        endpoint.scripts = [good]
        state.saw(app.assistant.answer(GDP))
        assert state.line("zh") == "接口模型 (m-1) 可用。"


@pytest.mark.filterwarnings("error")
def test_a_model_on_its_way_and_one_that_does_not_come(tmp_path: Path) -> None:
    with FileServer({}) as hub:
        app = build_app(
            data_dir=tmp_path, models_dir=tmp_path, hub_url=hub.address, model_source="hub"
        )
        state = ModelState(app)
        state.fetch_in_background()
        deadline = time.monotonic() + 60
        while state.line("en").startswith("Fetching") and time.monotonic() < deadline:
            assert "%" in state.line("en")
            time.sleep(0.05)
        said = state.line("en")
    assert not said.startswith("Fetching")
    assert str(hub.address) in said or "models pull" in said
