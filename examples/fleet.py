#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Run many guests made from one configuration of xl's, wait until all have ended, and say how, in JSON.

    fleet.py [-n GUESTS] [--together N] [--stop-after SECONDS] CONFIG

Each guest gets a name of its own, NAME-0 and so on. A guest is removed when it has shut down, or when this program is
interrupted. With --stop-after, guests that run for so long are asked to power off; again after as long, since one that
is not up yet may not hear it.
"""
from __future__ import annotations

import argparse
import asyncio
import copy
import json
import sys
import time
import uuid
from typing import Any

from xenolith import AsyncContext, DomainConfig, Error, LibxlError, read_config


def instance(template: DomainConfig, number: int) -> DomainConfig:
    """The template with a name, a UUID and network addresses of its own."""
    config = copy.deepcopy(template)
    config.c_info.name = f'{template.c_info.name}-{number}'
    config.c_info.uuid = uuid.uuid4()
    for nic in config.nics:
        nic.mac = type(nic)().mac
    return config


async def remove(host: AsyncContext, domid: int, result: dict[str, Any]) -> None:
    """Whatever has become of it meanwhile."""
    try:
        await host.destroy(domid)
    except LibxlError as error:
        if error.code is not Error.DOMAIN_NOTFOUND:
            result['error'] = str(error)


async def run(host: AsyncContext, config: DomainConfig, stop_after: float | None) -> dict[str, Any]:
    """One guest, from its creation to its removal."""
    began = time.monotonic()
    result: dict[str, Any] = {'name': config.c_info.name}
    try:
        domid = await host.create(config)
    except LibxlError as error:
        return result | {'error': str(error)}
    result['domid'] = domid
    try:
        await host.unpause(domid)
        result['created_s'] = round(time.monotonic() - began, 3)
        while True:
            try:
                reason = await host.wait_end(domid, stop_after)
                break
            except TimeoutError:
                await host.shutdown(domid)
        result['ended'] = reason.name.lower()
    except LibxlError as error:
        result['error'] = str(error)
    finally:
        await remove(host, domid, result)
    return result | {'lived_s': round(time.monotonic() - began, 3)}


async def fleet(options: argparse.Namespace) -> list[dict[str, Any]]:
    template = read_config(options.config)
    room = asyncio.Semaphore(options.together)

    async def in_turn(config: DomainConfig) -> dict[str, Any]:
        async with room:
            return await run(host, config, options.stop_after)
    async with AsyncContext() as host:
        return list(await asyncio.gather(*(in_turn(instance(template, i)) for i in range(options.guests))))


def main() -> int:
    parser = argparse.ArgumentParser(description='Run many guests made from one configuration.')
    parser.add_argument('-n', '--guests', type=int, default=4)
    parser.add_argument('--together', type=int, default=16, help='how many at once at most')
    parser.add_argument('--stop-after', type=float, help='seconds until a guest is asked to power off')
    parser.add_argument('config', help='a configuration file of xl')
    try:
        results = asyncio.run(fleet(parser.parse_args()))
    except (LibxlError, ValueError) as error:
        print(f'fleet.py: {error}', file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    json.dump(results, sys.stdout, indent=2)
    print()
    return 1 if any('error' in r for r in results) else 0


if __name__ == '__main__':
    sys.exit(main())
