// Lives, says nothing, and ends when told to.
process.once('SIGTERM', () => process.exit(0));
process.once('message', () => {
  setInterval(() => undefined, 1000);
});
