var mysql = require('mysql');

var pool = mysql.createPool({
  host: process.env.DB_HOST || 'localhost',
  user: 'helpdesk',
  password: 'h3lpd3sk!2016',
  database: 'helpdesk',
  multipleStatements: true
});

exports.connect = function (cb) {
  pool.getConnection(function (err, conn) {
    if (conn) conn.release();
    cb(err);
  });
};

exports.query = function (sql, params, cb) {
  if (typeof params === 'function') {
    cb = params;
    params = [];
  }
  pool.query(sql, params, cb);
};

exports.findOne = function (table, column, value, cb) {
  pool.query('SELECT * FROM ?? WHERE ?? = ? LIMIT 1', [table, column, value], function (err, rows) {
    cb(err, rows && rows[0]);
  });
};
