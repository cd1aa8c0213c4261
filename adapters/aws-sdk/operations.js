// What each operation of S3 has to do with encryption.

/** Its request says how the object will be encrypted. */
const CREATES = new Set(['PutObject', 'CreateMultipartUpload', 'CopyObject'])

/** It goes on with a multipart upload, whose encryption was said when it was created. */
const CONTINUES = new Set(['UploadPart', 'UploadPartCopy', 'CompleteMultipartUpload'])

/** It reads an object: nothing to say but for SSE-C. The value is whose fields it has. */
const READS = new Map([
  ['GetObject', 'GetObject'],
  ['HeadObject', 'HeadObject'],
  ['GetObjectAttributes', 'GetObject'],
  ['SelectObjectContent', 'GetObject'],
])

/** It reads one object to write another. */
const COPIES = new Set(['CopyObject', 'UploadPartCopy'])

/** An answer with status 200 may be an error, in its body. */
const ANSWERS_EARLY = new Set(['CopyObject', 'UploadPartCopy', 'CompleteMultipartUpload'])

module.exports = { ANSWERS_EARLY, CONTINUES, COPIES, CREATES, READS }
