"""A function of the `aws` package as a table: its arguments and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from rehearsal.aws.aws_errors import refusal, service_id
from rehearsal.aws.call import Call
from rehearsal.aws.kinds import Problem
from rehearsal.aws.properties import Property
from rehearsal.aws.suggestions import unknown_property
from rehearsal.aws.wire import Properties, Value


@dataclass(frozen=True, slots=True)
class Function:
    """One function; `answer` gets a call with the arguments in `asked` and returns the result."""

    type: str
    service: str
    """The service's name in botocore."""
    arguments: tuple[Property, ...]
    answer: Callable[[Call], Properties]

    def ask(self, call: Call) -> Properties:
        """Return the result. Raises: AwsCallError."""
        try:
            return self.answer(call)
        except (ClientError, BotoCoreError) as error:
            raise refusal(f"reading {self.type.rsplit(':', 1)[-1]}", service_id(call.aws), error) from error

    def problems(self, arguments: Mapping[str, Value]) -> Iterator[Problem]:
        """Yield what is wrong with the arguments."""
        known = {item.name for item in self.arguments}
        for name in arguments.keys() - known:
            yield Problem(name, str(unknown_property(self.type, name, known)))
        for item in self.arguments:
            yield from item.problems(arguments.get(item.name), item.name)
