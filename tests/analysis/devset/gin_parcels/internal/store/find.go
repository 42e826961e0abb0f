package store

import "context"

func (s *Store) Find(ctx context.Context, into any, id any) error {
	return s.db.WithContext(ctx).First(into, "id = ?", id).Error
}
