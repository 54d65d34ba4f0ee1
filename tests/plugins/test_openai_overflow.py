"""Every known way in which servers say that a conversation does not fit, with the figures they give."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from oi_openai.client import Patience
from oi_openai.model import OpenAIModel
from oi_openai.overflow import Overflow, overflow_in

from oi_core.errors import ContextOverflow, ModelError
from oi_core.messages import UserMessage
from oi_core.model import ModelSettings, TextPart
from oi_core.testing.answers import Answer, chunk, page, recorded, refuse, stream
from oi_core.testing.server import ChatServer

TRANSCRIPTS = Path(__file__).parent.parent / "data" / "transcripts"

# Who says it, how, and the size of the window and of the prompt where they are told
WORDINGS = [
    (
        "OpenAI",
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 8545 tokens. "
        "Please reduce the length of the messages.",
        8192,
        8545,
    ),
    ("OpenAI, Responses", "Your input exceeds the context window of this model. Please adjust your input.", None, None),
    (
        "OpenRouter",
        "This endpoint's maximum context length is 131072 tokens. However, you requested about 140,305 tokens",
        131072,
        140305,
    ),
    (
        "vLLM",
        "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens (4500 in the messages, "
        "500 in the completion). Please reduce the length of the messages or completion.",
        4096,
        4500,
    ),
    (
        "vLLM, newer",
        "'max_tokens' or 'max_completion_tokens' is too large: 2000. This model's maximum context length is 4096 "
        "tokens and your request has 2104 input tokens (2000 > 4096 - 2104).",
        4096,
        2104,
    ),
    (
        "vLLM, longest prompt",
        "The decoder prompt (length 5000) is longer than the maximum model length of 4096.",
        4096,
        5000,
    ),
    ("vLLM, pi#5677", "Input length (265330) exceeds model's maximum context length (262144).", 262144, 265330),
    (
        "SGLang, Together",
        "The input (12000 tokens) is longer than the model's context length (8192 tokens).",
        8192,
        12000,
    ),
    (
        "llama.cpp",
        "request (6031 tokens) exceeds the available context size (512 tokens), try increasing it",
        512,
        6031,
    ),
    ("llama.cpp, older", "the request exceeds the available context size. try increasing the context size", None, None),
    ("llama.cpp, in the stream", "Context size has been exceeded.", None, None),
    ("Ollama", "the input length exceeds the context length", None, None),
    ("Ollama cloud", "prompt too long; exceeded max context length by 4 tokens", None, None),
    (
        "LM Studio, bug-tracker#546",
        "Trying to keep the first 111490 tokens when context the overflows. However, the model is loaded with context "
        "length of only 32768 tokens, which is not enough.",
        32768,
        111490,
    ),
    (
        "LM Studio",
        "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the "
        "model with a larger context length, or provide a shorter input",
        None,
        None,
    ),
    ("LM Studio, at the end", "Reached context length of 4096 tokens with this model", 4096, None),
    ("Anthropic, hermes-agent#813", "prompt is too long: 213462 tokens > 200000 maximum", 200000, 213462),
    (
        "Anthropic",
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length",
        200000,
        190000,
    ),
    ("Bedrock", "Input is too long for requested model.", None, None),
    (
        "Google",
        "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).",
        1048575,
        1196265,
    ),
    (
        "xAI",
        "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
        131072,
        537812,
    ),
    ("Groq", "Please reduce the length of the messages or completion.", None, None),
    (
        "Cerebras",
        "Please reduce the length of the messages or completion. Current length is 8250 while limit is 8192",
        8192,
        8250,
    ),
    (
        "Mistral",
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
        32768,
        40000,
    ),
    ("Kimi", "Invalid request: Your request exceeded model token limit: 131072 (requested: 140000)", 131072, 140000),
    ("MiniMax", "invalid params, context window exceeds limit (2013)", None, None),
    ("z.ai", "Prompt exceeds max length", None, None),
    (
        "GLM behind LiteLLM, Switchyard#314",
        "Input length 877338 exceeds the maximum allowed input length of 639968 tokens",
        639968,
        877338,
    ),
    ("GitHub Copilot", "prompt token count of 150000 exceeds the limit of 128000", 128000, 150000),
    ("Cohere", "too many tokens: total number of tokens in the prompt cannot exceed 4081", None, None),
    (
        "text-generation-inference",
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5000 `inputs` tokens",
        4096,
        5000,
    ),
    (
        "text-generation-inference, longest input",
        "Input validation error: `inputs` must have less than 4095 tokens. Given: 9000",
        4095,
        9000,
    ),
    ("omlx", "Prompt too long: 40000 tokens", None, None),
]


@pytest.mark.parametrize(("words", "window", "prompt"), [row[1:] for row in WORDINGS], ids=[row[0] for row in WORDINGS])
@pytest.mark.parametrize("status", [400, 500, None])
def test_every_wording_is_known_with_its_figures(
    words: str, window: int | None, prompt: int | None, status: int | None
) -> None:
    assert overflow_in(words, status) == Overflow(window, prompt)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        # agentao#88: Bedrock throttles in these words
        (None, "ThrottlingException: Too many tokens, please wait before trying again."),
        (429, "Rate limit reached for gpt-5 in organization on tokens per min. Please try again in 2s."),
        (503, "maximum context length is 512 tokens"),
        (400, "Unsupported parameter: 'max_tokens'"),
        (400, "roles must alternate"),
        (500, "image input is not supported"),
        (401, "Incorrect API key"),
    ],
)
def test_other_troubles_are_no_overflow(status: int | None, words: str) -> None:
    assert overflow_in(words, status) is None


def overflow_of(*answers: Answer) -> tuple[ContextOverflow, int]:
    with ChatServer(*answers) as server:
        model = OpenAIModel("m", ModelSettings(server.base_url, "sk-good"), patience=Patience(tries=2, backoff=0.01))
        with closing(model), pytest.raises(ContextOverflow) as caught:
            list(model.stream([UserMessage("hello")], []))
        return caught.value, len(server.requests)


@pytest.mark.parametrize(
    ("answer", "window", "prompt"),
    [
        (recorded(TRANSCRIPTS / "llamacpp-smollm2" / "09b_ctx_overflow_stream.response.http"), 512, 6031),
        (recorded(TRANSCRIPTS / "llama-cpp-python-smollm2" / "09_ctx_overflow.response.http"), 512, 6031),
        (recorded(TRANSCRIPTS / "llama-cpp-python-smollm2" / "09b_ctx_overflow_stream.response.http"), None, None),
        (refuse(400, "x", code="context_length_exceeded"), None, None),
        (
            refuse(413, "Request too large for model `m` on tokens per minute (TPM): Limit 6000, Requested 7041"),
            None,
            7041,
        ),
        (page("<html><h1>413 Request Entity Too Large</h1></html>", status=413), None, None),
        (
            refuse(429, "Request too large for gpt-4o on tokens per min (TPM): Limit 30000, Requested 43000"),
            None,
            43000,
        ),
        (refuse(500, "the input length exceeds the context length"), None, None),
        (
            stream([{"error": {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}}]),
            None,
            None,
        ),
    ],
    ids=[
        "llama.cpp T",
        "llama-cpp-python T",
        "200 with nothing T",
        "by its code",
        "413 of Groq",
        "413 of a proxy",
        "429 that no waiting helps",
        "500 of Ollama",
        "inside the stream",
    ],
)
def test_an_overflow_is_raised_as_such_once_with_its_figures(
    answer: Answer, window: int | None, prompt: int | None
) -> None:
    error, requests = overflow_of(answer, stream([chunk({"content": "never"})]))
    assert (error.window, error.prompt_tokens, requests) == (window, prompt, 1)
    assert "too long" in str(error)


def test_an_overflow_after_text_keeps_the_text_and_is_one_all_the_same() -> None:
    error = {"error": {"code": 500, "message": "Context size has been exceeded."}}
    with ChatServer(stream([chunk({"content": "half"}), error])) as server:
        model = OpenAIModel("m", ModelSettings(server.base_url))
        with closing(model):
            reply = model.stream([UserMessage("hello")], [])
            assert next(reply) == TextPart("half")
            with pytest.raises(ContextOverflow):
                next(reply)


def test_a_refusal_for_another_reason_is_no_overflow() -> None:
    with ChatServer(refuse(400, "no")) as server:
        model = OpenAIModel("m", ModelSettings(server.base_url))
        with closing(model), pytest.raises(ModelError) as caught:
            list(model.stream([UserMessage("hello")], []))
    assert not isinstance(caught.value, ContextOverflow)
