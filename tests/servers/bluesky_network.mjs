// The Bluesky network in one process, on loopback only: PLC directory, PDS, AppView, bsync and Ozone.
// Usage: node bluesky_network.mjs <pds port> <appview port>; prints READY once all of them answer.
import { Server } from 'node:net';
import { TestNetwork } from '@atproto/dev-env';

// The services listen on every interface when they are given a port alone.
const listen = Server.prototype.listen;
Server.prototype.listen = function (port, ...rest) {
  const alone = typeof port === 'number' && typeof rest[0] !== 'string';
  return listen.call(this, alone ? { port, host: '127.0.0.1' } : port, ...rest);
};

const [pdsPort, appviewPort] = process.argv.slice(2).map(Number);
await TestNetwork.create({
  dbPostgresSchema: 'network',
  pds: { port: pdsPort, hostname: 'localhost', enableDidDocWithSession: true, rateLimitsEnabled: true },
  bsky: { port: appviewPort, publicUrl: `http://localhost:${appviewPort}` },
});
console.log('READY');
