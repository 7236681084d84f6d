"""Custom resources invoked as CloudFormation and Lambda invoke them: asynchronously, and again when an attempt crashes.

Imitates, where MiniStack does not:

- A failed asynchronous attempt (an exception, a time-out, a dead process) is run again twice (Lambda guide, "How Lambda
  handles errors and retries with asynchronous invocation": after about 1 and 2 minutes; here after `retry_seconds`).
- ServiceTimeout counts from the request, not from the function's return (CloudFormation guide, custom resources).
- A failed create keeps its physical id, the answered one or an invented one, so that Delete can be sent to it.
- An answer over 4096 bytes and a create without a physical id fail (CloudFormation guide, custom resource
  response objects).
"""

# ruff: noqa: SLF001 (MiniStack has no public hooks: its version is pinned, and a test guards each behaviour here)

from __future__ import annotations

import contextvars
import json
import threading
import time
import uuid
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from local.emulator.state import State

_ATTEMPTS = 3
_LONGEST_ANSWER = 4096
_DEFAULT_SERVICE_TIMEOUT = 3600


class CustomResourceError(RuntimeError):
    """A custom resource answered FAILED, answered nonsense, or did not answer in time."""


@dataclass(frozen=True)
class Request:
    """One request to a custom resource."""

    request_type: str
    logical_id: str
    properties: dict[str, Any]
    stack_name: str
    stack_id: str
    resource_type: str
    physical_id: str | None
    old_properties: dict[str, Any] | None

    def invented_id(self) -> str:
        """A physical id of the form CloudFormation uses when the function gave none."""
        return f"{self.stack_name}-{self.logical_id}-{uuid.uuid4().hex[:12].upper()}"


class CustomResources:
    """Requests to custom resources, on top of MiniStack's CloudFormation and Lambda modules."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._endpoint: Any = import_module("ministack.services.cloudformation.custom_resource")
        self._lambda: Any = import_module("ministack.services.lambda_svc")
        self._cloudformation: Any = import_module("ministack.services.cloudformation")

    def install(self) -> None:
        """Replace MiniStack's way of invoking a custom resource."""
        self._endpoint.invoke_custom_resource = self.invoke

    def invoke(  # noqa: PLR0917 (the signature that MiniStack calls)
        self,
        request_type: str,
        logical_id: str,
        props: dict[str, Any],
        stack_name: str,
        stack_id: str,
        resource_type: str,
        physical_id: str | None = None,
        old_props: dict[str, Any] | None = None,
    ) -> tuple[str, dict[str, Any]]:
        """Send a request and wait for its answer; MiniStack calls this on a worker thread.

        Returns:
            The physical id and the answered data.

        Raises:
            CustomResourceError: No good answer came; the message is the stack event's reason.
        """
        request = Request(request_type, logical_id, props, stack_name, stack_id, resource_type, physical_id, old_props)
        request_id = str(uuid.uuid4())
        return self._judge(request, self._answer(request, request_id), request_id)

    def _answer(self, request: Request, request_id: str) -> dict[str, Any] | None:
        token = str(uuid.uuid4())
        answered = self._endpoint.register_token(token)
        self._start(request, self._event(request, request_id, token))
        answered.wait(timeout=int(request.properties.get("ServiceTimeout", _DEFAULT_SERVICE_TIMEOUT)))
        # The token stays known: a repeated attempt may answer again, which CloudFormation ignores.
        result: dict[str, Any] | None = self._endpoint._pending[token]["result"]
        return result

    def _event(self, request: Request, request_id: str, token: str) -> dict[str, Any]:
        as_strings = self._endpoint._normalise_resource_properties
        event = {
            "RequestType": request.request_type,
            "ServiceToken": request.properties["ServiceToken"],
            "RequestId": request_id,
            "StackId": request.stack_id,
            "ResponseURL": self._endpoint._response_url(token),
            "ResourceType": request.resource_type,
            "LogicalResourceId": request.logical_id,
            "ResourceProperties": as_strings(request.properties),
        }
        if request.physical_id is not None:
            event["PhysicalResourceId"] = request.physical_id
        if request.old_properties is not None:
            event["OldResourceProperties"] = as_strings(request.old_properties)
        return event

    def _start(self, request: Request, event: dict[str, Any]) -> None:
        service_token = request.properties["ServiceToken"]
        function, configuration, _ = self._lambda._get_func_record_for_ref(service_token)
        if function is None or configuration is None:
            raise CustomResourceError(f"Function not found: {service_token}")
        runnable = self._lambda._execution_record_for_config(function, configuration)
        # The thread belongs to the request's account and region, which MiniStack keeps in context variables.
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(self._attempt, runnable, event), daemon=True).start()

    def _attempt(self, runnable: Any, event: dict[str, Any]) -> None:
        for attempt in range(_ATTEMPTS):
            if attempt:
                time.sleep(self._state.settings.retry_seconds)
            result = self._lambda._execute_function_with_config_scope(runnable, event)
            if not (result.get("error") or result.get("throttle")):
                return

    def _judge(self, request: Request, answer: dict[str, Any] | None, request_id: str) -> tuple[str, dict[str, Any]]:
        fault = _fault_in(request, answer, request_id)
        given = (answer or {}).get("PhysicalResourceId") or request.physical_id
        if fault is None and answer is not None:
            return str(given), answer.get("Data") or {}
        if request.request_type == "Create":
            self._remember(request, given or request.invented_id())
        raise CustomResourceError(fault)

    def _remember(self, request: Request, physical_id: str) -> None:
        """Leave the failed resource in its stack: a rollback and a stack deletion both send Delete to what is there."""
        self._cloudformation._stacks[request.stack_name]["_resources"][request.logical_id] = {
            "PhysicalResourceId": physical_id,
            "LogicalResourceId": request.logical_id,
            "ResourceType": request.resource_type,
            "ResourceStatus": "CREATE_FAILED",
            "Properties": request.properties,
            "Attributes": {},
            "Timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        }


def _fault_in(request: Request, answer: dict[str, Any] | None, request_id: str) -> str | None:
    """What is wrong with an answer, in CloudFormation's words, or None."""
    if answer is None:
        return (
            "CloudFormation did not receive a response from your Custom Resource. "
            f"Please check your logs for requestId [{request_id}]."
        )
    if len(json.dumps(answer).encode()) > _LONGEST_ANSWER:
        return "Response object is too long."
    if answer.get("Status") == "FAILED":
        return (
            "Received response status [FAILED] from custom resource. "
            f"Message returned: {answer.get('Reason', '')} (RequestId: {request_id})"
        )
    if request.request_type == "Create" and not answer.get("PhysicalResourceId"):
        return "Invalid PhysicalResourceId"
    return None
