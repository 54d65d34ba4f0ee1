"""CPU time to choose what of a long conversation is sent: one request more, and the first count, beside the tokenizer.

Run: ``python benchmarks/window.py``. The bars: 0.2 ms for a turn on 10,000 messages, and a cold count of at most 1.1
times one pass of the tokenizer over the same texts.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

from oi_core.conversation import Conversation
from oi_core.messages import AssistantMessage, CodeBlock, Message, ToolMessage, UserMessage
from oi_core.tokens import Tokenizer, message_tokens
from oi_core.tokens.encodings import load_encoding
from oi_core.window import Window

MESSAGES = 10_000
BUDGET = 100_000
TURN_BAR_MS = 0.2
COLD_BAR = 1.1
WORDS = "total rows of the table by month and region, then plot mean(sales) with its 95 % range; df['x'] = 1.5\n"


def text(source: random.Random, words: int) -> str:
    """Return about 6.5 characters a word."""
    return " ".join(source.choices(WORDS.split(" "), k=words))


def turn(source: random.Random, number: int) -> list[Message]:
    call = f"call{number:05}"
    return [
        UserMessage(text(source, 25)),
        AssistantMessage(text(source, 40), (CodeBlock(call, "python", text(source, 120)),)),
        ToolMessage(call, text(source, 300)),
        AssistantMessage(text(source, 90)),
    ]


def cpu_ms(work: Callable[[], object], rounds: int) -> float:
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best * 1000


def texts_of(messages: list[Message]) -> list[str]:
    codes = [block.code for message in messages if isinstance(message, AssistantMessage) for block in message.blocks]
    return [*(message.text for message in messages), *codes]


def request_ms(counting: Tokenizer, messages: list[Message], source: random.Random) -> tuple[float, float]:
    """Return the mean and the worst of 600 requests, less the count of the new texts, which is the tokenizer's.

    Each reads the conversation and chooses; every 50th or so makes room, and cuts outputs for it.
    """
    conversation, window = Conversation(messages), Window(counting)
    window.fit(conversation.messages, BUDGET)
    spent = []
    for number in range(300):
        asked, replied, result, answered = turn(source, MESSAGES + number)
        for new in ((asked,), (replied, result)):
            for message in new:
                conversation.add(message)
            start = time.process_time()
            sum(message_tokens(message, counting) for message in new)
            counted = time.process_time()
            window.fit(conversation.messages, BUDGET)
            spent.append((time.process_time() - counted) - (counted - start))
        conversation.add(answered)
    return statistics.mean(spent) * 1000, max(spent) * 1000


def main() -> int:
    start = time.process_time()
    encoding = load_encoding("o200k_base")
    loaded = time.process_time() - start
    assert encoding is not None
    source = random.Random(1)
    messages = [message for number in range(MESSAGES // 4) for message in turn(source, number)]
    texts, counting = texts_of(messages), Tokenizer(encoding)
    # Turn by turn, so that what else the machine does weighs on both.
    rounds = [
        (
            cpu_ms(lambda: sum(len(encoding.encode_ordinary(one)) for one in texts), 1),
            cpu_ms(lambda: Window(counting).fit(messages, BUDGET), 1),
        )
        for _ in range(12)
    ]
    bare, cold = (min(times) for times in zip(*rounds, strict=True))
    mean, worst = request_ms(counting, messages, source)
    giant = [*messages[:2], ToolMessage("call00000", " ".join(map(str, range(160_000)))), *messages[3:8]]
    giant_ms = cpu_ms(lambda: Window(Tokenizer(encoding)).fit(giant, BUDGET), 3)
    print(f"{len(messages)} messages, {sum(map(len, texts)):,} characters, budget {BUDGET:,} tokens, CPU ms")
    print(f"  loading o200k_base               {loaded * 1000:8.1f}")
    print(f"  one pass of the bare tokenizer   {bare:8.1f}")
    met = "met" if cold <= COLD_BAR * bare else "NOT MET"
    print(f"  cold count and choice            {cold:8.1f}   {cold / bare:.3f} times, bar {COLD_BAR}: {met}")
    met = "met" if mean <= TURN_BAR_MS else "NOT MET"
    print(f"  a request more, mean             {mean:8.3f}   bar {TURN_BAR_MS}: {met}")
    print(f"  the worst, which makes room      {worst:8.3f}")
    print(f"  with an output of 300,000 tokens {giant_ms:8.1f}   cold, 8 messages")
    return 0 if cold <= COLD_BAR * bare and mean <= TURN_BAR_MS else 1


if __name__ == "__main__":
    raise SystemExit(main())
