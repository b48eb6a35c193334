"""DynamoDB in this Region: items as plain values, failures as what a request can be told.

Numbers are whole here, and texts texts: that is all of DynamoDB's types that the service uses.
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from botocore.exceptions import BotoCoreError, ClientError

from .aws import Aws
from .metrics import Metrics
from .problems import Unavailable

Item: TypeAlias = dict[str, str | int]

THROTTLED = {
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "ThrottlingException",
}
_CONDITION = "ConditionalCheckFailedException"
_FAULT = "ValidationException"
"""A request that is wrong in itself: ours are wrong by our fault, and no later one is better."""


class ConditionFailed(Exception):
    """The condition of a write does not hold; `item` is what stands there, if it was asked for."""

    def __init__(self, item: Item) -> None:
        super().__init__()
        self.item = item


class Table:
    """One table. Each method may raise Unavailable: throttled, out, or too slow."""

    def __init__(self, aws: Aws, name: str, metrics: Metrics) -> None:
        self._aws, self._name, self._metrics = aws, name, metrics
        self._client = aws.client("dynamodb")

    async def get(self, key: Item, *, consistent: bool = True) -> Item | None:
        """The item as it is in this Region by now."""
        answer = await self._call(
            self._client.get_item, Key=_packed(key), ConsistentRead=consistent
        )
        return _unpacked(answer["Item"]) if "Item" in answer else None

    async def put(self, item: Item) -> None:
        """Write a whole item. Trying again does no harm."""
        await self._call(self._client.put_item, Item=_packed(item))

    async def delete(self, key: Item) -> Item | None:
        """Delete an item: what it was, or None where there was none."""
        answer = await self._call(
            self._client.delete_item, Key=_packed(key), ReturnValues="ALL_OLD"
        )
        return _unpacked(answer["Attributes"]) if answer.get("Attributes") else None

    async def delete_if(
        self, key: Item, condition: str, names: Mapping[str, str], values: Item
    ) -> None:
        """Delete an item that meets a condition. Raises ConditionFailed."""
        await self._call(
            self._client.delete_item,
            Key=_packed(key),
            ConditionExpression=condition,
            ExpressionAttributeNames=dict(names),
            ExpressionAttributeValues=_packed(values),
        )

    async def update(
        self, key: Item, update: str, condition: str, names: Mapping[str, str], values: Item
    ) -> Item:
        """Change an item: all of it afterwards. Raises ConditionFailed."""
        answer = await self._call(
            self._client.update_item,
            Key=_packed(key),
            UpdateExpression=update,
            ConditionExpression=condition,
            ExpressionAttributeNames=dict(names),
            ExpressionAttributeValues=_packed(values),
            ReturnValues="ALL_NEW",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
        return _unpacked(answer["Attributes"])

    async def query(self, index: str, condition: str, values: Item, most: int) -> list[Item]:
        """The first items of an index, its highest sort keys first."""
        answer = await self._query(index, condition, values, most)
        return [_unpacked(item) for item in answer["Items"]]

    async def count(self, index: str, condition: str, values: Item, most: int) -> int:
        """How many items of an index meet the condition, counted up to `most`."""
        answer = await self._query(index, condition, values, most, Select="COUNT")
        count: int = answer["Count"]
        return count

    async def _query(
        self, index: str, condition: str, values: Item, most: int, **more: str
    ) -> dict[str, Any]:
        return await self._call(
            self._client.query,
            IndexName=index,
            KeyConditionExpression=condition,
            ExpressionAttributeValues=_packed(values),
            ScanIndexForward=False,
            Limit=most,
            **more,
        )

    async def _call(self, operation: Callable[..., Any], **parameters: Any) -> dict[str, Any]:
        try:
            return await self._aws.call(operation, TableName=self._name, **parameters)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code == _CONDITION:
                raise ConditionFailed(_unpacked(error.response.get("Item", {}))) from None
            if code == _FAULT:
                raise
            raise self._unavailable(code) from error
        except BotoCoreError as error:
            raise Unavailable("the table can't be reached", type(error).__name__) from error

    def _unavailable(self, code: str) -> Unavailable:
        """Also where a right or the table is missing: it may come, and what is cached is served."""
        if code in THROTTLED:
            self._metrics.table_throttles += 1
            return Unavailable("the table is busy", code)
        return Unavailable("the table does not answer as it should", code)


def _packed(item: Item) -> dict[str, dict[str, str]]:
    return {
        name: {"S": value} if isinstance(value, str) else {"N": str(value)}
        for name, value in item.items()
    }


def _unpacked(item: Mapping[str, Mapping[str, str]]) -> Item:
    return {
        name: int(value["N"]) if "N" in value else value["S"]
        for name, value in item.items()
        if value.keys() & {"S", "N"}  # a global table of an older kind adds attributes of its own
    }
