class Builder {
  constructor(connection, table) {
    this.connection = connection;
    this.table = table;
    this.wheres = [];
    this.bindings = [];
    this.ordering = '';
  }

  where(column, operator, value) {
    this.wheres.push('`' + column.replace(/`/g, '``') + '` ' + operator + ' ?');
    this.bindings.push(value);
    return this;
  }

  orderBy(column, direction) {
    this.ordering = ' ORDER BY ' + column + ' ' + (direction || 'asc');
    return this;
  }

  get(callback) {
    const sql = 'SELECT * FROM ' + this.table + (this.wheres.length ? ' WHERE ' + this.wheres.join(' AND ') : '') + this.ordering;
    this.connection.query(sql, this.bindings, callback);
  }

  delete(id, callback) {
    this.connection.query('DELETE FROM ?? WHERE id = ?', [this.table, id], callback);
  }
}

exports.list = function (req, res) {
  new Builder(req.db, 'items').where('owner', '=', req.user.id).orderBy(req.query.sort).get((err, rows) => res.json(rows));
};
module.exports.Builder = Builder;
