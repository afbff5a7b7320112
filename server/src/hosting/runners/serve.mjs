/** Runs inside a release's sandbox: the adapter-node build at /w/app, on the socket that SOCKET_PATH names. */

// The server has ended every request by then; what may still keep the process alive are idle connections.
process.on('sveltekit:shutdown', () => setTimeout(() => process.exit(0), 1_000).unref());

await import('/w/app/index.js');
