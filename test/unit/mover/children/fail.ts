process.once('message', () => {
  process.send?.({
    type: 'failed',
    error: {
      code: 'disk',
      message: 'VixDiskLib_Open failed',
      details: { stage: 'open', labels: ['scsi0-0'] },
      cause: { code: 'io', message: 'EIO' },
    },
  });
  process.disconnect();
});
