// Alive, moves no byte, and does not listen to SIGTERM.
process.on('SIGTERM', () => undefined);
process.once('message', () => {
  setInterval(() => process.send?.({ type: 'heartbeat' }), 10);
});
