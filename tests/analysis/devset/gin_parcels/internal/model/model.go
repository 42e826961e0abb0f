package model

import "time"

type Account struct {
	ID           uint      `json:"id" gorm:"primaryKey"`
	Email        string    `json:"email" gorm:"uniqueIndex"`
	PasswordHash string    `json:"password_hash"`
	APIKey       string    `json:"api_key"`
	IsAdmin      bool      `json:"is_admin"`
	CreatedAt    time.Time `json:"created_at"`
}

type Courier struct {
	ID       uint   `json:"id"`
	Name     string `json:"name"`
	Password string `json:"-"`
}

type Parcel struct {
	ID        uint   `json:"id"`
	AccountID uint   `json:"account_id"`
	Tracking  string `json:"tracking"`
	Status    string `json:"status"`
	Weight    int32  `json:"weight"`
	Notes     string `json:"notes"`
}

type ParcelFilter struct {
	Status string `form:"status"`
	Sort   string `form:"sort"`
	Dir    string `form:"dir"`
	Q      string `form:"q"`
}
