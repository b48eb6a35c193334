"""In front of every request: who may pass, how many at once, how it ended and how long it took."""

from __future__ import annotations

import time

from .draining import Draining
from .exchange import Message, Receive, Request, Response, Send, json_response
from .logs import RequestLog, log
from .metrics import Metrics
from .origin_secret import HEADER, OriginSecret
from .problems import Problem, Unavailable
from .router import Router

MOST_REQUESTS = 2048
"""At once in one process; with more, each of them would only wait longer."""
_TRACE, _MOST_TRACE = b"x-amzn-trace-id", 128


class Gate:
    """The ASGI application."""

    def __init__(
        self,
        router: Router,
        health_path: str,
        secret: OriginSecret,
        draining: Draining,
        metrics: Metrics,
    ) -> None:
        self._router, self._health_path = router, health_path
        self._secret, self._draining = secret, draining
        self._metrics, self._requests = metrics, RequestLog()

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        if request.path == self._health_path:
            await self._health().send(send, self._draining.has_begun)
        else:
            await self._measured(request, send)

    def _health(self) -> Response:
        """Shallow: an instance is not at fault for what is behind it, and not to be replaced."""
        return Response(503, b"draining\n") if self._draining.has_begun else Response(200, b"ok\n")

    async def _measured(self, request: Request, send: Send) -> None:
        started = time.perf_counter()
        self._draining.request_comes()
        try:
            response = await self._answer(request)
            await response.send(send, self._draining.has_begun)
        finally:
            self._draining.request_goes()
        self._tell(request, response, time.perf_counter() - started)

    async def _answer(self, request: Request) -> Response:
        """A response in any case."""
        try:
            if self._draining.in_flight > MOST_REQUESTS:
                raise Unavailable("too many requests at once", "requests in flight")
            await self._secret.check(request.header(HEADER))
            return await self._router.answer(request)
        except Problem as problem:
            refusal = json_response({"error": str(problem)}, problem.status)
            return refusal._replace(headers=refusal.headers + problem.headers, cause=problem.cause)
        except Exception as error:
            log.exception("fault")
            refusal = json_response({"error": "something went wrong here"}, 500)
            return refusal._replace(cause=type(error).__name__)

    def _tell(self, request: Request, response: Response, seconds: float) -> None:
        self._metrics.request(response.status, seconds)
        if self._requests.is_told(response.status, seconds):
            self._requests.tell(
                status=response.status,
                seconds=seconds,
                method=request.method,
                handler=request.handler,
                cause=response.cause,
                trace=request.header(_TRACE)[:_MOST_TRACE].decode("latin-1"),
            )
