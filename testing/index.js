const { startLocalS3 } = require('./local-s3.js')

module.exports.startLocalS3 = startLocalS3
