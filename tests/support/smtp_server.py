"""An SMTP server for tests: aiosmtpd on 127.0.0.1. Arguments: port, folder. Each mail becomes a file NNNN.eml in the folder, written
whole; "ready" is printed once it listens. Mail to reject@… is refused for good (550)."""
import asyncio
import os
import sys

from aiosmtpd.smtp import SMTP

port, folder = int(sys.argv[1]), sys.argv[2]
taken = 0


class Keeper:
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('reject@'):
            return '550 nobody of that name here'
        envelope.rcpt_tos.append(address)
        return '250 OK'

    async def handle_DATA(self, server, session, envelope):
        global taken
        taken += 1
        name = os.path.join(folder, f'{taken:04}.eml')
        with open(name + '.part', 'wb') as out:
            out.write(('X-To: ' + ','.join(envelope.rcpt_tos) + '\r\n').encode() + envelope.content)
        os.rename(name + '.part', name)
        return '250 taken'


async def main():
    server = await asyncio.get_running_loop().create_server(lambda: SMTP(Keeper()), '127.0.0.1', port)
    print('ready', flush=True)
    await server.serve_forever()


asyncio.run(main())
