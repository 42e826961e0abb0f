package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

type Store struct {
	DB *sql.DB
}

type Doc struct {
	ID    int64
	Owner int64
	Title string
	Body  string
}

func (s *Store) Search(ctx context.Context, term, order string) ([]Doc, error) {
	query := fmt.Sprintf("SELECT id, owner, title, body FROM docs WHERE title ILIKE '%%%s%%' ORDER BY %s", term, order)
	rows, err := s.DB.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var docs []Doc
	for rows.Next() {
		var d Doc
		if err := rows.Scan(&d.ID, &d.Owner, &d.Title, &d.Body); err != nil {
			return nil, err
		}
		docs = append(docs, d)
	}
	return docs, rows.Err()
}

func (s *Store) Get(ctx context.Context, id string) (*Doc, error) {
	var d Doc
	err := s.DB.QueryRowContext(ctx, "SELECT id, owner, title, body FROM docs WHERE id = $1", id).
		Scan(&d.ID, &d.Owner, &d.Title, &d.Body)
	return &d, err
}

func (s *Store) Delete(id string) error {
	_, err := s.DB.Exec("DELETE FROM docs WHERE id = " + id)
	return err
}

func (s *Store) Many(ids []string) (*sql.Rows, error) {
	marks := make([]string, len(ids))
	args := make([]interface{}, len(ids))
	for i, id := range ids {
		marks[i] = fmt.Sprintf("$%d", i+1)
		args[i] = id
	}
	return s.DB.Query("SELECT id FROM docs WHERE id IN ("+strings.Join(marks, ",")+")", args...)
}

func (s *Store) User(name, hash string) (int64, error) {
	var id int64
	row := s.DB.QueryRow("SELECT id FROM users WHERE name = '" + name + "' AND hash = '" + hash + "'")
	err := row.Scan(&id)
	return id, err
}
