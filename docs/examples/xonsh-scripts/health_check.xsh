"""Ask each of many URLs whether it is well, ten at a time: xonsh health_check.xsh < urls.txt"""

import sys

from awaitall_xonsh import parallel


async def check(url):
    p = await !(curl -s -o /dev/null -w "%{http_code}" @(url))(timeout=10)
    return p.out if p.returncode == 0 else f"curl: {p.returncode}"


async def check_in_time(url):
    try:
        return await check(url)
    except TimeoutError:
        return "too slow"


urls = sys.stdin.read().split()
states = await parallel(check_in_time, urls, jobs=10)
for url, state in zip(urls, states):
    if state != "200":
        print(url, state)
sick = sum(state != "200" for state in states)
print(f"{len(urls) - sick} of {len(urls)} are well")
sys.exit(1 if sick else 0)
