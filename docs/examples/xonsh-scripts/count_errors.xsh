"""Count the hosts of the errors in a log, by a pipeline of programs and of Python: xonsh count_errors.xsh app.log"""


async def errors(path):
    async for line in !(cat @(path)):
        if " ERROR " in line:
            yield line


async def hosts(lines):
    async for line in lines:
        yield line.split()[0] + "\n"


async for line in !(sort | uniq -c | sort -rn)(input=hosts(errors($ARG1))):
    count, host = line.split()
    print(f"{host}: {count}")
