const mysql = require('mysql2/promise');
const config = require('./config');

const pool = mysql.createPool(config.db);

async function query(sql, params = []) {
  const [rows] = await pool.query(sql, params);
  return rows;
}

async function findByTag(tag) {
  return query("SELECT id, title FROM posts WHERE tag = '" + tag + "'");
}

async function findPost(id) {
  const rows = await query('SELECT * FROM posts WHERE id = ?', [id]);
  return rows[0];
}

module.exports = { query, findByTag, findPost };
