process.once('message', () => {
  process.stderr.write('about to fail\nthe last words\n');
  process.kill(process.pid, 'SIGKILL');
});
