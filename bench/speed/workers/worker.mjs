// What the processes of `npm run bench` have in common: they take a question from their parent, answer it, and end with it.

/** Answers each question with what `answer` makes of it; says first that it is there, with what the parent has to know. */
export function answerParent(answer, hello = {}) {
  process.on('message', async (question) => {
    try {
      process.send({ answer: await answer(question) });
    } catch (error) {
      process.send({ error: error instanceof Error ? error.stack : String(error) });
    }
  });
  process.once('disconnect', () => process.exit(0));
  process.send({ answer: hello });
}

/** What the parent wants, from the command line. */
export const wanted = JSON.parse(process.argv[2] ?? '{}');

/** The URL of a server once it listens on a free port of loopback. */
export function listening(server) {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(`http://127.0.0.1:${server.address().port}`));
  });
}
