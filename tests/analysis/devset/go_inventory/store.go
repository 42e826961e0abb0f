package main

import (
	"database/sql"
	"fmt"
	"strconv"

	_ "github.com/lib/pq"
)

type Store struct {
	db *sql.DB
}

type Item struct {
	ID    int
	Name  string
	Count int
}

func openStore(dsn string) (*Store, error) {
	db, err := sql.Open("postgres", dsn)
	return &Store{db}, err
}

func (s *Store) find(name, order string) ([]Item, error) {
	query := fmt.Sprintf("SELECT id, name, count FROM items WHERE name LIKE '%%%s%%' ORDER BY %s", name, order)
	rows, err := s.db.Query(query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var items []Item
	for rows.Next() {
		var item Item
		if err := rows.Scan(&item.ID, &item.Name, &item.Count); err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, rows.Err()
}

func (s *Store) get(id string) (Item, error) {
	var item Item
	err := s.db.QueryRow("SELECT id, name, count FROM items WHERE id = $1", id).Scan(&item.ID, &item.Name, &item.Count)
	return item, err
}

func (s *Store) count(id string) (int, error) {
	number, err := strconv.Atoi(id)
	if err != nil {
		return 0, err
	}
	var count int
	err = s.db.QueryRow(fmt.Sprintf("SELECT count FROM items WHERE id = %d", number)).Scan(&count)
	return count, err
}

func (s *Store) remove(id string) error {
	_, err := s.db.Exec("DELETE FROM items WHERE id = " + id)
	return err
}

func (s *Store) add(name string) error {
	_, err := s.db.Exec("INSERT INTO items (name, count) VALUES ($1, 0)", name)
	return err
}

func (s *Store) password(user string) (string, error) {
	var digest string
	err := s.db.QueryRow("SELECT digest FROM users WHERE name = $1", user).Scan(&digest)
	return digest, err
}
