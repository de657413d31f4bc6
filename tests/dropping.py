"""Dropping a test's database, although a client's backend may still be on its way out."""

import asyncio

import asyncpg

PATIENCE = 10.0  # seconds


async def drop(admin: asyncpg.Connection, name: str) -> None:
    """The role that drops may not end backends of other roles: they end by themselves, on a busy machine later."""
    ends = asyncio.get_running_loop().time() + PATIENCE
    while True:
        try:
            await admin.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
            return
        except (asyncpg.InsufficientPrivilegeError, asyncpg.ObjectInUseError):
            if asyncio.get_running_loop().time() > ends:
                raise
            await asyncio.sleep(0.1)
