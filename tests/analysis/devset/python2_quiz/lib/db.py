import sqlite3

conn = sqlite3.connect('quiz.db', check_same_thread=False)

def title_of(qid):
    rows = conn.execute('SELECT title FROM quiz WHERE id = ' + qid).fetchall()
    if not rows:
        raise KeyError, 'no quiz'
    return rows[0][0]

def delete(qid):
    conn.execute('DELETE FROM quiz WHERE id = %d' % qid)
    conn.commit()

def by_author(author):
    return conn.execute('SELECT * FROM quiz WHERE author = ?', (author,)).fetchall()
