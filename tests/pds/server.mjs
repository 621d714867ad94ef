// Starts a real Bluesky server (PDS) and the directory of identities that it needs (PLC), both on the loopback only.
//
//   node server.mjs MODULES FOLDER PDS_PORT PLC_PORT
//
// MODULES is the folder in which install.sh put the packages; FOLDER gets the data and is the server's to fill.
// Prints one line, READY, once both listen. SIGTERM, SIGINT and the end of its standard input end it with status 0:
// so it cannot outlive the test that started it.
// There is no app view: its address leads nowhere, so whatever needs one fails.

import { randomBytes } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Server } from 'node:net'
import { join } from 'node:path'

const [modules, folder, pdsPort, plcPort] = process.argv.slice(2)
const load = createRequire(join(modules, 'package.json'))

// Neither server can be told which address to listen on.
const listen = Server.prototype.listen
Server.prototype.listen = function (port, ...rest) {
  const callback = rest.find((argument) => typeof argument === 'function')
  return listen.call(this, { port: Number(port), host: '127.0.0.1' }, callback)
}

async function startDirectory() {
  const { Database, PlcServer } = load('@did-plc/server')
  const directory = PlcServer.create({ db: Database.mock(), port: Number(plcPort) })
  await directory.start()
  return directory
}

function settings() {
  const blobs = join(folder, 'blobs')
  mkdirSync(blobs, { recursive: true })
  return {
    PDS_PORT: pdsPort,
    PDS_HOSTNAME: 'localhost',
    PDS_DEV_MODE: 'true',
    PDS_DATA_DIRECTORY: folder,
    PDS_BLOBSTORE_DISK_LOCATION: blobs,
    PDS_BLOB_UPLOAD_LIMIT: '5000000',
    PDS_DID_PLC_URL: `http://127.0.0.1:${plcPort}`,
    PDS_DISABLE_SSRF_PROTECTION: 'true', // it refuses to speak to the loopback otherwise
    PDS_SERVICE_HANDLE_DOMAINS: '.test',
    PDS_INVITE_REQUIRED: 'false',
    PDS_BSKY_APP_VIEW_URL: 'http://127.0.0.1:9',
    PDS_BSKY_APP_VIEW_DID: 'did:web:localhost',
    PDS_JWT_SECRET: randomBytes(16).toString('hex'),
    PDS_ADMIN_PASSWORD: randomBytes(16).toString('hex'),
    PDS_DPOP_SECRET: randomBytes(32).toString('hex'),
    PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: randomBytes(32).toString('hex'),
  }
}

async function startServer() {
  const { PDS, envToCfg, envToSecrets, readEnv } = load('@atproto/pds')
  // What the caller set wins, so that a test can choose a secret or turn the rate limits on.
  Object.assign(process.env, { ...settings(), ...process.env })
  const environment = readEnv()
  const server = await PDS.create(envToCfg(environment), envToSecrets(environment))
  await server.start()
  return server
}

const directory = await startDirectory()
const server = await startServer()

async function stop() {
  await server.destroy()
  await directory.destroy()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
process.stdin.on('end', stop).resume()
console.log('READY')
