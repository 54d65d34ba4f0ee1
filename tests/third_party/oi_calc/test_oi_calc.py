from oi_calc import provide_languages

from oi_core.plugin_api import Executor, OutputDelta, Workspace
from oi_core.testing.conformance import UNICODE, ExecutorConformance


def start() -> Executor:
    (language,) = provide_languages()
    return language.start(Workspace())


def output_of(code: str) -> str:
    calculator = start()
    try:
        return "".join(event.text for event in calculator.run(code) if isinstance(event, OutputDelta))
    finally:
        calculator.close()


class TestCalc(ExecutorConformance):
    hello = "'hello'"
    store, recall = "x = 41", "x"
    error = "oops"
    unicode = f"'{UNICODE}'"
    long_code = "x = 1 + 2 * 3"

    def start(self) -> Executor:
        return start()


def test_it_calculates_as_on_paper() -> None:
    assert output_of("price = 3 * 1.2\nprice - 0.6 / -2") == "3.9\n"
    assert output_of("0.1 + 0.2") == "0.3\n"


def test_it_runs_nothing_but_arithmetic() -> None:
    assert output_of("__import__('os').getcwd()") == "SyntaxError: Call is not arithmetic\n"
    assert output_of("2 ** 9") == "KeyError: <class 'ast.Pow'>\n"
