package store

import (
	"context"
	"fmt"
	"strings"

	"gorm.io/gorm"

	"example.com/parcels/internal/model"
)

type Store struct {
	db *gorm.DB
}

func New(db *gorm.DB) *Store { return &Store{db: db} }

var sortable = map[string]string{
	"created": "created_at",
	"status":  "status",
}

func (s *Store) Parcels(ctx context.Context, account uint, f model.ParcelFilter) ([]model.Parcel, error) {
	var parcels []model.Parcel
	q := s.db.WithContext(ctx).Where("account_id = ?", account)
	if f.Status != "" {
		q = q.Where("status = ?", f.Status)
	}
	if f.Q != "" {
		q = q.Where(fmt.Sprintf("notes ILIKE '%%%s%%'", f.Q))
	}
	if f.Sort != "" {
		q = q.Order(f.Sort + " " + f.Dir)
	}
	return parcels, q.Find(&parcels).Error
}

func (s *Store) SortedParcels(ctx context.Context, account uint, f model.ParcelFilter) ([]model.Parcel, error) {
	column, ok := sortable[f.Sort]
	if !ok {
		column = "created_at"
	}
	direction := "ASC"
	if strings.EqualFold(f.Dir, "desc") {
		direction = "DESC"
	}
	var parcels []model.Parcel
	err := s.db.WithContext(ctx).Where("account_id = ?", account).Order(column + " " + direction).Find(&parcels).Error
	return parcels, err
}

func (s *Store) Parcel(ctx context.Context, id uint) (*model.Parcel, error) {
	var parcel model.Parcel
	if err := s.db.WithContext(ctx).First(&parcel, id).Error; err != nil {
		return nil, err
	}
	return &parcel, nil
}

func (s *Store) OwnParcel(ctx context.Context, id string, account uint) (*model.Parcel, error) {
	var parcel model.Parcel
	err := s.db.WithContext(ctx).Where("id = ? AND account_id = ?", id, account).First(&parcel).Error
	return &parcel, err
}

func (s *Store) ByTracking(ctx context.Context, tracking string) (*model.Parcel, error) {
	var parcel model.Parcel
	if err := s.db.WithContext(ctx).First(&parcel, "tracking = '"+tracking+"'").Error; err != nil {
		return nil, err
	}
	return &parcel, nil
}

func (s *Store) AccountByEmail(ctx context.Context, email string) (*model.Account, error) {
	var account model.Account
	err := s.db.WithContext(ctx).Where(&model.Account{Email: email}).First(&account).Error
	return &account, err
}

func (s *Store) Save(ctx context.Context, value any) error {
	return s.db.WithContext(ctx).Save(value).Error
}

func (s *Store) Delete(ctx context.Context, id string) error {
	return s.db.WithContext(ctx).Delete(&model.Parcel{}, "id = ?", id).Error
}

func (s *Store) Statistics(ctx context.Context, columns []string) ([]map[string]any, error) {
	query := "SELECT " + strings.Join(columns, ", ") + ", count(*) FROM parcels GROUP BY " + strings.Join(columns, ", ")
	var rows []map[string]any
	err := s.db.WithContext(ctx).Raw(query).Scan(&rows).Error
	return rows, err
}
