class User < ApplicationRecord
  has_secure_password
  has_many :surveys
  validates :password, length: { minimum: 5 }
  validates :email, format: { with: /^[^@\s]+@[^@\s]+$/ }

  before_create { self.api_token = Digest::MD5.hexdigest("#{email}#{Time.now.to_i}") }

  def self.named(name)
    where("name = '#{name}'")
  end

  def invite
    update!(invite: SecureRandom.urlsafe_base64(24))
  end

  def reset_code!
    update!(reset_code: rand(100_000..999_999))
  end
end
